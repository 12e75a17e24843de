// The opponent: node:net (and node:dgram) the way a careful Node programmer writes it. One shared
// handler per event, no closure per connection, back-pressure respected.
//
//   netServer.js echo | lines-write | lines-write-nodelay | lines-corked | lines-joined | udp | tls
//
// lines-write answers every line with a write of its own; with Node's default
// (Nagle) such a server waits for the delayed ACK of its client, so there is also
// a variant with noDelay. lines-corked holds the writes of a chunk back with
// cork(), Node's own means; lines-joined collects the answers of one chunk and
// writes them once, which the program has to do by hand with node:net.

import dgram from 'node:dgram';
import net from 'node:net';
import tls from 'node:tls';
import { TSslContext } from '../../lib';
import { optionsOf } from '../../lib/ssl/contextOptions';
import { announce } from './childProtocol';
import { makePemPair } from './tlsCertificate';

class LineSocket extends net.Socket {
  rest = '';
}

function resumeReading(this: net.Socket): void {
  this.resume();
}

// A socket that takes no more is not read any further until it has drained.
function answer(socket: net.Socket, data: Buffer | string): void {
  if (socket.write(data) || socket.isPaused()) return;
  socket.pause();
  socket.once('drain', resumeReading);
}

function echo(this: net.Socket, chunk: Buffer): void {
  answer(this, chunk);
}

function answerEachLine(this: LineSocket, chunk: string): void {
  const text = this.rest === '' ? chunk : this.rest + chunk;
  let start = 0;
  for (let end = text.indexOf('\r\n'); end >= 0; end = text.indexOf('\r\n', start)) {
    answer(this, text.slice(start, end + 2));
    start = end + 2;
  }
  this.rest = start === text.length ? '' : text.slice(start);
}

function answerCorked(this: LineSocket, chunk: string): void {
  this.cork();
  answerEachLine.call(this, chunk);
  this.uncork();
}

function answerJoined(this: LineSocket, chunk: string): void {
  const text = this.rest === '' ? chunk : this.rest + chunk;
  let answers = '';
  let start = 0;
  for (let end = text.indexOf('\r\n'); end >= 0; end = text.indexOf('\r\n', start)) {
    answers += text.slice(start, end + 2);
    start = end + 2;
  }
  this.rest = start === text.length ? '' : text.slice(start);
  if (answers !== '') answer(this, answers);
}

// A reset by the peer; 'close' follows by itself.
function ignoreError(): void {}

function acceptEcho(socket: net.Socket): void {
  socket.on('data', echo).on('error', ignoreError);
}

function acceptLines(handler: (this: LineSocket, chunk: string) => void) {
  return (socket: net.Socket): void => {
    const lines = socket as LineSocket;
    lines.rest = '';
    lines.setEncoding('utf8').on('data', handler).on('error', ignoreError);
  };
}

const ACCEPT: Record<string, (socket: net.Socket) => void> = {
  echo: acceptEcho,
  'lines-write': acceptLines(answerEachLine),
  'lines-write-nodelay': acceptLines(answerEachLine),
  'lines-corked': acceptLines(answerCorked),
  'lines-joined': acceptLines(answerJoined),
};

// The callback is left out: with one, Node makes an object more per datagram.
function serveDatagrams(): void {
  const socket = dgram.createSocket('udp4');
  socket.on('message', (message, from) => socket.send(message, from.port, from.address));
  socket.bind(0, '127.0.0.1', () => announce(socket.address().port));
}

function serveConnections(mode: string): void {
  const accept = ACCEPT[mode];
  if (accept === undefined) throw new Error(`unknown mode ${mode}`);
  const server = net.createServer({ noDelay: mode.endsWith('-nodelay') }, accept);
  server.listen(0, '127.0.0.1', () => announce((server.address() as net.AddressInfo).port));
}

// Protocols, ciphers, groups and options are those of our context.
function serveTls(): void {
  const server = tls.createServer({ ...optionsOf(new TSslContext()), ...makePemPair() });
  server.on('secureConnection', acceptEcho).on('tlsClientError', ignoreError);
  server.listen(0, '127.0.0.1', () => announce((server.address() as net.AddressInfo).port));
}

const mode = process.argv[2] ?? '';
if (mode === 'udp') serveDatagrams();
else if (mode === 'tls') serveTls();
else serveConnections(mode);
