// Loaded before a program of the documents. Tells the test which port was taken, and when the main
// script has run to its end, so that a server need not end to have run. Workers of the program load
// it, too, and have nothing to tell.
'use strict';

const { isMainThread } = require('node:worker_threads');
const { TWSocketServer } = require(process.env.DOCS_TEST_PACKAGE);

if (isMainThread) {
  const { Listen } = TWSocketServer.prototype;
  TWSocketServer.prototype.Listen = function () {
    Listen.call(this);
    process.send({ port: Number(this.BindPort) });
  };
  setImmediate(() => process.send({ isThrough: true }));
}
