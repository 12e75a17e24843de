// Loaded before a program of the documents. Tells the test which port was taken, and when the main
// script has run to its end, so that a server need not end to have run.
'use strict';

const { TWSocketServer } = require(process.env.DOCS_TEST_PACKAGE);

const { Listen } = TWSocketServer.prototype;
TWSocketServer.prototype.Listen = function () {
  Listen.call(this);
  process.send({ port: Number(this.BindPort) });
};
setImmediate(() => process.send({ isThrough: true }));
