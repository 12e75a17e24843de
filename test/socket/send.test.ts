// Send and its relatives: results, what the peer gets, the events.
import assert from 'node:assert/strict';
import { drained, waitFor } from '../support';
import { accepted, acceptedByHand, pattern } from './accepted';

describe('Send', () => {
  it('[WSS-46][WS-36] returns the length; OnSendData reports it and OnDataSent comes after the return', async () => {
    const events: string[] = [];
    const { client, peer } = await acceptedByHand((socket) => {
      socket.OnSendData = (_sender, bytes) => {
        events.push(`OnSendData ${bytes}`);
      };
      socket.OnDataSent = (_sender, error) => {
        events.push(`OnDataSent ${error}`);
      };
    });
    await waitFor(() => events.length === 1, 'the OnDataSent that follows an accept');
    events.length = 0;

    events.push(`SendStr ${client.SendStr('abc')}`);
    await waitFor(() => events.includes('OnDataSent 0'), 'OnDataSent');
    await peer.waitText('abc');
    await drained();
    assert.deepEqual(events, ['OnSendData 3', 'SendStr 3', 'OnDataSent 0']);
    assert.equal(client.WriteCount, 3);
    assert.equal(client.AllSent, true);
  });

  it('[WSS-48] reports in OnSendData exactly the bytes that WriteCount counts and the peer gets', async () => {
    let reported = 0;
    const { client, peer } = await accepted((newClient) => {
      newClient.OnSendData = (_sender, bytes) => {
        reported += bytes;
      };
    });
    const sizes = [1, 1459, 1460, 1461, 65536, 3_000_000, 7];
    const total = sizes.reduce((sum, size) => sum + size, 0);
    const bytes = pattern(total);
    let offset = 0;
    for (const size of sizes) {
      assert.equal(client.Send(bytes.subarray(offset, offset + size)), size);
      offset += size;
    }
    assert.ok((await peer.read(total)).equals(bytes));
    await waitFor(() => client.AllSent, 'AllSent');
    assert.equal(reported, total);
    assert.equal(client.WriteCount, total);
  });

  it('[WSS-51][WS-41] sends what was put into the send buffer first, in order', async () => {
    const { client, peer } = await accepted();
    client.PutStringInSendBuffer('a');
    client.PutDataInSendBuffer(Buffer.from('bcX'), 2);
    await drained();
    assert.equal(peer.text, '');
    assert.equal(client.BufferedByteCount, 3);
    client.SendStr('d');
    assert.equal((await peer.read(4)).toString(), 'abcd');
  });

  it('[WSS-51] forgets with DeleteBufferedData what was put into the send buffer', async () => {
    const { client, peer } = await accepted();
    client.PutStringInSendBuffer('gone');
    client.DeleteBufferedData();
    assert.equal(client.BufferedByteCount, 0);
    client.SendStr('stays');
    assert.equal((await peer.read(5)).toString(), 'stays');
  });

  it('transmits with Flush what was put into the send buffer', async () => {
    const { client, peer } = await accepted();
    client.PutStringInSendBuffer('abc');
    client.Flush();
    assert.equal(client.AllSent, true);
    assert.equal(client.BufferedByteCount, 0);
    assert.equal((await peer.read(3)).toString(), 'abc');
  });

  it('has a form for one byte, for a length and for byte arrays', async () => {
    const { client, peer } = await accepted();
    assert.equal(client.Send(65), 1);
    assert.equal(client.Send(Buffer.from('BCDE'), 2), 2);
    assert.equal(client.SendTB(new Uint8Array([68, 69])), 2);
    assert.equal(client.SendTB(Buffer.from('FGH'), 2), 2);
    assert.equal(client.SendTB(Buffer.from('HI'), 5), 2);
    assert.equal((await peer.read(9)).toString(), 'ABCDEFGHI');
  });

  it('sends UTF-8 with SendStr and one byte per character with SendStrA', async () => {
    const { client, peer } = await accepted();
    assert.equal(client.SendStr('é€😀'), 9);
    assert.equal(client.SendStrA('\x00\x80\xe9\xff'), 4);
    const bytes = await peer.read(13);
    assert.equal(bytes.toString('utf8', 0, 9), 'é€😀');
    assert.equal(bytes.toString('latin1', 9), '\x00\x80\xe9\xff');
  });

  it('[H-43] answers 0 to nothing, to a length of 0 and to a negative length', async () => {
    const { client, peer } = await accepted();
    assert.equal(client.SendStr(''), 0);
    assert.equal(client.Send(Buffer.alloc(0)), 0);
    assert.equal(client.Send(Buffer.from('abc'), 0), 0);
    assert.equal(client.Send(Buffer.from('abc'), -1), 0);
    assert.equal(client.SendTB(Buffer.alloc(0)), 0);
    client.SendStr('|');
    await peer.waitText('|');
    assert.equal(peer.text, '|');
  });

  it('[H-43] never sends bytes from behind the end of the array', async () => {
    const { client, peer } = await accepted();
    for (const length of [5, 2 ** 31 - 1]) {
      const behind = Buffer.from('abcdSECRET');
      try {
        assert.ok(client.Send(behind.subarray(0, 4), length) <= 4);
      } catch (error) {
        assert.ok(!(error instanceof assert.AssertionError), String(error));
      }
    }
    client.SendStr('|');
    await peer.waitText('|');
    assert.match(peer.text, /^(abcd)*\|$/);
  });
});
