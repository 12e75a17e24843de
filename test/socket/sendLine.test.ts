// SendLine sends the text and LineEnd.
import assert from 'node:assert/strict';
import { accepted } from './accepted';

describe('SendLine', () => {
  it('[WSS-50] sends the text and CRLF and returns the length of both', async () => {
    const { client, peer } = await accepted();
    assert.equal(client.SendLine('abc'), 5);
    assert.equal((await peer.read(5)).toString(), 'abc\r\n');
  });

  it("[WSS-50][WS-42] sends nothing and returns 0 for ''", async () => {
    const { client, peer } = await accepted();
    assert.equal(client.SendLine(''), 0);
    assert.equal(client.SendLine('hello'), 7);
    assert.equal((await peer.read(7)).toString(), 'hello\r\n');
    assert.equal(peer.text, 'hello\r\n');
  });

  it('[WS-43] ends with the LineEnd that is set', async () => {
    const { client, peer } = await accepted();
    client.LineEnd = '\n';
    assert.equal(client.SendLine('x'), 2);
    client.LineEnd = '\xff\x00';
    assert.equal(client.SendLine('y'), 3);
    assert.equal((await peer.read(5)).toString('latin1'), 'x\ny\xff\x00');
  });

  it('counts the UTF-8 bytes of the text', async () => {
    const { client, peer } = await accepted();
    assert.equal(client.SendLine('€'), 5);
    assert.equal((await peer.read(5)).toString(), '€\r\n');
  });
});
