// Connects although no descriptor is left, then again when there is one.

import { openSync, closeSync } from 'node:fs';
import { ESocketException, SocketStateNames, TWSocket } from '../../lib';
import { answerParent } from '../support/answerParent';

const socket = new TWSocket();
const lines: string[] = [];
socket.OnSessionConnected = (_Sender, ErrCode) => lines.push(`OnSessionConnected ${ErrCode}`);
const taken: number[] = [];

function takeAll(): void {
  try {
    for (;;) taken.push(openSync('/dev/null', 'r'));
  } catch {
    // None is left.
  }
}

function tryConnect(proto: string): string {
  socket.Proto = proto;
  try {
    socket.Connect();
    return 'begun';
  } catch (error) {
    const { ErrorCode, Func } = error as ESocketException;
    return `${ErrorCode} ${Func} ${SocketStateNames[socket.State]} ${socket.HSocket}`;
  }
}

answerParent(async (question) => {
  const port = /^port (\d+)$/.exec(question)?.[1];
  if (port !== undefined) {
    Object.assign(socket, { Addr: '127.0.0.1', Port: port });
    takeAll();
    const results = [tryConnect('tcp'), tryConnect('udp')];
    for (const fd of taken.splice(0)) closeSync(fd);
    return results;
  }
  socket.Proto = 'tcp';
  socket.Connect();
  while (lines.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  return lines;
});
