// SocketRcvBufSize and SocketSndBufSize: the kernel's buffers, which only an open socket has.

import assert from 'node:assert/strict';
import { TWSocket } from '../../lib';
import { expectEcho, raised, track } from '../support';
import { accepted } from './accepted';
import { startListener } from './listening';

const SIZES = { SocketRcvBufSize: 'SO_RCVBUF', SocketSndBufSize: 'SO_SNDBUF' } as const;
const WSAENOTSOCK = 10038;

for (const [name, option] of Object.entries(SIZES)) {
  const property = name as keyof typeof SIZES;

  describe(property, () => {
    it('[WS-93] written while closed raises 10038 and changes nothing', () => {
      const socket = track(new TWSocket());

      const error = raised(() => (socket[property] = 8192));

      assert.equal(error.ErrorCode, WSAENOTSOCK);
      assert.equal(error.Func, `setsockopt(${option})`);
      assert.match(error.message, new RegExp(`\\(#10038 in setsockopt\\(${option}\\)\\)$`));
      assert.equal(socket.LastError, WSAENOTSOCK);
      assert.equal(socket[property], 0);
    });

    it('[WS-93] written while closed goes to OnError or OnException if assigned', () => {
      const socket = track(new TWSocket());
      const log: string[] = [];
      socket.OnException = (_Sender, E) => void log.push(`OnException ${E.ErrorCode}`);
      socket[property] = 8192;
      socket.OnError = () => void log.push(`OnError ${socket.LastError}`);
      socket[property] = 8192;
      assert.deepEqual(log, ['OnException 10038', 'OnError 10038']);
    });

    it('[WS-93] written after Close, and after Free, does the same', () => {
      const socket = startListener();
      socket.Close();
      assert.equal(raised(() => (socket[property] = 8192)).ErrorCode, WSAENOTSOCK);
      socket.Free();
      assert.equal(raised(() => (socket[property] = 8192)).ErrorCode, WSAENOTSOCK);
      assert.equal(socket[property], 0);
    });

    it('written while connected changes the kernel’s buffer, and the connection goes on', async () => {
      const { client, peer } = await accepted((newClient) => {
        newClient.OnDataAvailable = () => void newClient.SendStr(newClient.ReceiveStr());
      });
      client[property] = 20_000;
      // Linux reports the double: it counts its own bookkeeping in.
      assert.ok([20_000, 40_000].includes(client[property]), String(client[property]));
      await expectEcho(peer);
    });

    it('written while listening changes the listener’s buffer', () => {
      const socket = startListener();
      socket[property] = 20_000;
      assert.ok([20_000, 40_000].includes(socket[property]), String(socket[property]));
    });
  });
}
