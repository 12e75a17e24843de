// LineEcho and LineEdit: what a terminal user types is echoed and edited.
import assert from 'node:assert/strict';
import { TWSocketClient } from '../../lib';
import { connect, drained, waitFor } from '../support';
import { attackedServer } from '../support/bystander';
import { type Accepted, accepted, receiveStrings, turns } from './accepted';

/** Sends the keys and returns the first line together with the echo at that time. */
async function typed(
  keys: string[],
  options: Partial<TWSocketClient>,
  count = 1,
): Promise<{ lines: string[]; echo: string }> {
  let lines: string[] = [];
  const { peer } = await accepted((client) => {
    Object.assign(client, { LineMode: true, ...options });
    lines = receiveStrings(client);
  });
  for (const key of keys) {
    peer.write(Buffer.from(key, 'latin1'));
    await turns();
  }
  await waitFor(() => lines.length >= count, `${count} lines`);
  await turns(4);
  return { lines, echo: peer.text };
}

describe('LineEcho', () => {
  it('[WS-80] sends the received bytes back before the line is complete', async () => {
    const { peer } = await accepted((client) => {
      client.LineMode = true;
      client.LineEcho = true;
      receiveStrings(client);
    });
    peer.write('ab');
    await peer.waitText('ab');
    peer.write('c\r\n');
    await peer.waitText('abc\r\n');
    assert.equal(peer.text, 'abc\r\n');
  });

  it('shows nobody what another types, also when lines are left unread', async () => {
    const typing = (): Promise<Accepted> =>
      accepted((client) => {
        Object.assign(client, { LineMode: true, LineEcho: true });
        client.OnDataAvailable = () => undefined;
      });
    const [one, other] = [await typing(), await typing()];
    one.peer.write('mine\r\n');
    await one.peer.waitText('mine\r\n');
    other.peer.write('secret\r\n');
    await other.peer.waitText('secret\r\n');
    one.peer.write('more\r\n');
    await drained();
    one.client.CloseDelayed();
    await one.peer.closed();
    assert.doesNotMatch(one.peer.text, /secret/);
  });

  it('sends nothing back while it is False', async () => {
    const { echo } = await typed(['abc\r\n'], {});
    assert.equal(echo, '');
  });
});

describe('LineEdit', () => {
  it('[WS-80] removes a character with backspace and echoes BS space BS', async () => {
    const { lines, echo } = await typed(['ab\bc\r\n'], { LineEdit: true, LineEcho: true });
    assert.deepEqual(lines, ['ac\r\n']);
    assert.equal(echo, 'ab\b \bc\r\n');
  });

  it('removes a character that came in an earlier packet', async () => {
    const { lines } = await typed(['a', 'b', '\b', 'c', '\r\n'], { LineEdit: true });
    assert.deepEqual(lines, ['ac\r\n']);
  });

  it('expands a tab with spaces to the next multiple of 8', async () => {
    const { lines, echo } = await typed(['a\tb\t\tc\r\n'], { LineEdit: true, LineEcho: true });
    const line = 'a' + ' '.repeat(7) + 'b' + ' '.repeat(15) + 'c\r\n';
    assert.deepEqual(lines, [line]);
    assert.equal(echo, line);
  });

  it('[H-31] survives a storm of backspaces and never touches the line before', async () => {
    const storm = '\b'.repeat(5000);
    const { lines, echo } = await typed(
      [`one\r\n${storm}two\r\n`, storm, 'three\r\n'],
      {
        LineEdit: true,
        LineEcho: true,
      },
      3,
    );
    assert.deepEqual(lines, ['one\r\n', 'two\r\n', 'three\r\n']);
    assert.equal(echo, 'one\r\ntwo\r\nthree\r\n');
  });

  it('[H-31] passes telnet negotiation bytes through unchanged', async () => {
    const server = await attackedServer();
    const lines: string[] = [];
    server.OnClientConnect = (_server, client) => {
      client.LineMode = true;
      client.LineEdit = true;
      client.OnDataAvailable = () => {
        lines.push(client.ReceiveStrA());
      };
    };
    const peer = await connect(server);
    peer.write(Buffer.from('\xff\xfb\x01\xff\xfd\x03login\r\n', 'latin1'));
    await waitFor(() => lines.length > 0, 'the line');
    assert.deepEqual(lines, ['\xff\xfb\x01\xff\xfd\x03login\r\n']);
  });
});
