// Control characters of a peer in what the package writes by itself: they arrive escaped, so that
// nobody can rewrite a terminal or forge lines of a log.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { TWSocketClient } from '../../lib';
import { printable } from '../../lib/base/printable';
import { connect, startServer } from '../support';

const EVIL = '\x1b[2J\x1b]0;title\x07\r\nroot: all is well\x9b31m\u202e';
// eslint-disable-next-line no-control-regex
const CONTROL = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]/;

describe('Text of a peer', () => {
  it('[H-140] quoted by an exception of a handler is escaped in the warning', async () => {
    class QuotingClient extends TWSocketClient {}
    const server = startServer({ ClientClass: QuotingClient });
    server.OnClientConnect = (_server, client) => {
      client.OnDataAvailable = () => {
        throw new Error(`bad request: ${client.ReceiveStr()}`);
      };
    };
    const warned = once(process, 'warning') as Promise<[Error & { detail?: string }]>;
    const peer = await connect(server);
    peer.write(Buffer.from(EVIL, 'utf8'));
    const [warning] = await warned;
    await peer.closed();
    assert.match(warning.message, /bad request: \\x1b\[2J.*\\x0d\\x0aroot: all is well\\x9b31m/);
    assert.doesNotMatch(warning.message, CONTROL);
    assert.doesNotMatch(warning.message, /\n/);
    assert.doesNotMatch(warning.detail ?? '', CONTROL);
    assert.doesNotMatch(warning.detail ?? '', /^root: all is well/m);
  });

  it('[H-140] loses every control character in reports of ics-hosts', () => {
    assert.doesNotMatch(printable(EVIL), CONTROL);
    assert.doesNotMatch(printable(EVIL), /\n/);
    assert.equal(printable('ÄÖ \u{1f600} plain'), 'ÄÖ \u{1f600} plain');
  });
});
