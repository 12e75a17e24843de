// Mocha's own "spec" output plus one closing line that people and machines can read:
// "N passed, N failed", and ", N skipped" when something was skipped. It is always the last line.
'use strict';

const { reporters } = require('mocha');

module.exports = class ClosingLineReporter extends reporters.Spec {
  epilogue() {
    super.epilogue();
    const { passes, failures, pending } = this.stats;
    const skipped = pending > 0 ? `, ${pending} skipped` : '';
    console.log(`${passes} passed, ${failures} failed${skipped}`);
  }
};
