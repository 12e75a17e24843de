// LineEdit and LineEcho over TLS: typed bytes are edited when they are decrypted, and shown through
// the same session.
import assert from 'node:assert/strict';
import { type TSslWSocketClient, type TSslWSocketServer } from '../../lib';
import { waitFor } from '../support';
import { clientOf, opensslClient, startTlsServer, tlsPeer } from '../support/tls';

interface Terminal {
  readonly server: TSslWSocketServer;
  readonly lines: string[];
}

function terminal(
  props: Partial<TSslWSocketClient> = {},
  onLine: (client: TSslWSocketClient, line: string) => void = () => undefined,
): Terminal {
  const lines: string[] = [];
  const server = startTlsServer({
    OnClientConnect: (_server, c) => {
      const client = c as TSslWSocketClient;
      Object.assign(client, { LineMode: true, LineEdit: true, LineEcho: true, ...props });
      client.OnDataAvailable = () => {
        lines.push(client.ReceiveStr());
        onLine(client, lines.at(-1)!);
      };
    },
  });
  return { server, lines };
}

describe('A line typed over TLS', () => {
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const)
    it(`is edited and shown (${version})`, async () => {
      const { server, lines } = terminal();
      const peer = await tlsPeer(server, { maxVersion: version });
      peer.write('ab');
      assert.equal((await peer.read(2)).toString(), 'ab');
      peer.write('\bc\r\n');
      assert.equal((await peer.read(6)).toString(), '\b \bc\r\n');
      await waitFor(() => lines.length === 1, 'the line');
      assert.deepEqual(lines, ['ac\r\n']);
    });

  it('is shown as it came with LineEcho alone', async () => {
    const { server, lines } = terminal({ LineEdit: false });
    const peer = await tlsPeer(server);
    peer.write('a\tb\bc\r\n');
    assert.equal((await peer.read(7)).toString(), 'a\tb\bc\r\n');
    await waitFor(() => lines.length === 1, 'the line');
    assert.deepEqual(lines, ['a\tb\bc\r\n']);
  });

  it('is edited in silence with LineEdit alone', async () => {
    const { server, lines } = terminal({ LineEcho: false }, (client) => client.SendStr('!'));
    const peer = await tlsPeer(server);
    peer.write('x\b\b\bok\t.\r\n');
    await waitFor(() => lines.length === 1, 'the line');
    assert.deepEqual(lines, ['ok      .\r\n']);
    await peer.read(1);
    assert.equal(peer.text, '!');
  });

  it('is shown before the answer to it, and what comes in one record is many lines', async () => {
    const { server, lines } = terminal({}, (client, line) => client.SendStr(`<${line.trim()}>`));
    const peer = await tlsPeer(server);
    peer.write('one\r\ntw\bwo\r\nx');
    await waitFor(() => lines.length === 2 && peer.text.endsWith('>'), 'both answers');
    assert.equal(peer.text, 'one\r\ntw\b \bwo\r\nx<one><two>');
    assert.deepEqual(lines, ['one\r\n', 'two\r\n']);
  });

  it('cannot reach back into a line that is being read', async () => {
    const seen: string[] = [];
    const server = startTlsServer({
      OnClientConnect: (_server, c) => {
        const client = c as TSslWSocketClient;
        Object.assign(client, { LineMode: true, LineEdit: true, LineEcho: true });
        const one = Buffer.alloc(1);
        client.OnDataAvailable = () => {
          if (seen.length === 3) return; // the line feed stays unread
          if (client.Receive(one) === 1) seen.push(one.toString());
        };
      },
    });
    const peer = await tlsPeer(server);
    peer.write('ab\r\n');
    await waitFor(() => seen.length === 3, 'three bytes');
    peer.write('\b\b\b\bcd\r\n');
    await waitFor(() => peer.text === 'ab\r\ncd\r\n', 'the echo');
    const rest = Buffer.alloc(8);
    assert.equal(clientOf(server).Receive(rest), 1);
    assert.equal(rest.toString('latin1', 0, 1), '\n');
  });

  it('is edited and shown for openssl s_client', async () => {
    const { server, lines } = terminal();
    const peer = opensslClient(server, ['-quiet', '-crlf']);
    peer.write('helxx\b\blo\n');
    await peer.printed('helxx\b \b\b \blo\r\n');
    assert.deepEqual(lines, ['hello\r\n']);
  });

  it('of 65,536 characters and more fires OnLineLimitExceeded, tabs included', async () => {
    let exceeded = 0;
    const { server, lines } = terminal({
      OnLineLimitExceeded: (_client: object, size: number) => void (exceeded = size),
    });
    const peer = await tlsPeer(server);
    peer.write('\t'.repeat(10_000));
    await waitFor(() => exceeded > 65_536, 'OnLineLimitExceeded');
    assert.ok(exceeded <= 80_000, `${exceeded}`);
    peer.write('\r\n');
    await waitFor(() => lines.length === 1, 'a line');
  });
});
