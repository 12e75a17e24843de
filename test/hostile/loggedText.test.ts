// Control characters of a peer in what the package writes by itself: they arrive escaped, so that
// nobody can rewrite a terminal or forge lines of a log.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import {
  SetIcsThreadLocalFinalBgExceptionHandling,
  TWSocketClient,
  fehNone,
  fehShowException,
} from '../../lib';
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

  it('[H-140] quoted by an exception that is shown is escaped', async () => {
    const shown = await shownFor((text) => new Error(`bad request: ${text}`));
    assert.match(shown, /bad request: \\x1b\[2J.*\\x0d\\x0aroot: all is well\\x9b31m/);
    assert.match(shown, /loggedText/, 'the stack is there');
    assert.doesNotMatch(shown, CONTROL);
    assert.doesNotMatch(shown, /^root: all is well/m);
  });

  it('an exception that cannot be shown harms nobody', async () => {
    const thrower = () => {
      throw new Error('no');
    };
    const unshowable = new Error('made');
    assert.ok(unshowable.stack); // V8 makes it now, from the message that is still there
    Object.defineProperty(unshowable, 'message', { get: thrower });
    Object.defineProperty(unshowable, 'stack', { get: thrower });
    assert.equal(typeof (await shownFor(() => unshowable)), 'string');
  });

  it('[H-140] loses every control character in reports of ics-hosts', () => {
    assert.doesNotMatch(printable(EVIL), CONTROL);
    assert.doesNotMatch(printable(EVIL), /\n/);
    assert.equal(printable('ÄÖ \u{1f600} plain'), 'ÄÖ \u{1f600} plain');
  });
});

/** What fehShowException writes for what a handler throws that has received EVIL. */
async function shownFor(make: (text: string) => Error): Promise<string> {
  const original = console.error;
  const shown: unknown[] = [];
  console.error = (...parts: unknown[]) => void shown.push(...parts);
  SetIcsThreadLocalFinalBgExceptionHandling(fehShowException);
  try {
    const server = startServer();
    server.OnClientConnect = (_server, client) => {
      client.OnDataAvailable = () => {
        throw make(client.ReceiveStr());
      };
    };
    const peer = await connect(server);
    peer.write(Buffer.from(EVIL, 'utf8'));
    await peer.closed();
  } finally {
    console.error = original;
    SetIcsThreadLocalFinalBgExceptionHandling(fehNone);
  }
  assert.equal(shown.length, 1);
  return shown[0] as string;
}
