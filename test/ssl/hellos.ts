// Hellos of real clients, and records to cut them into.
import { execFile } from 'node:child_process';
import net from 'node:net';
import { Duplex } from 'node:stream';
import tls from 'node:tls';
import { parseClientHello, type ClientHelloResult } from '../../lib/ssl/clientHello';
import { TClientHelloData } from '../../lib/ssl/TClientHelloData';
import { portOf } from './sockets';

/** The first flight of Node's own client; nothing touches the network. */
export function nodeHello(options: tls.ConnectionOptions): Promise<Buffer> {
  return new Promise((resolve) => {
    const wire = new Duplex({
      read: () => undefined,
      write(chunk: Buffer, _encoding, done) {
        resolve(Buffer.from(chunk));
        done();
      },
    });
    const client = tls.connect({ ...options, socket: wire });
    client.on('error', () => undefined);
    client.on('close', () => wire.destroy());
  });
}

/** The first flight of a program that is given the port to connect to. */
export function programHello(program: string, args: (port: number) => string[]): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const server = net.createServer((socket) => {
      let received = Buffer.alloc(0);
      socket.on('error', () => undefined);
      socket.on('data', (bytes) => {
        received = Buffer.concat([received, bytes]);
        if (parseClientHello(received) === 'more') return;
        resolve(received);
        socket.destroy();
      });
    });
    server.listen(0, '127.0.0.1', () => {
      const child = execFile(program, args(portOf(server)), () => server.close());
      child.on('error', reject);
      child.stdin?.end();
    });
  });
}

/** One record of handshake bytes. */
export function record(payload: Uint8Array): Buffer {
  const header = Buffer.from([22, 3, 1, payload.length >> 8, payload.length & 0xff]);
  return Buffer.concat([header, payload]);
}

/** A hello with these extensions, each `[number, body]`. */
export function helloWith(...extensions: readonly (readonly [number, Uint8Array])[]): Buffer {
  const block = (bytes: Uint8Array, size: number): Buffer => {
    const length = Buffer.alloc(size);
    length.writeUIntBE(bytes.length, 0, size);
    return Buffer.concat([length, bytes]);
  };
  const numbered = extensions.map(([type, body]) =>
    Buffer.concat([Buffer.from([type >> 8, type & 0xff]), block(body, 2)]),
  );
  const body = Buffer.concat([
    Buffer.from([3, 3]),
    Buffer.alloc(32, 7),
    block(Buffer.alloc(0), 1),
    block(Buffer.from([0x13, 0x01]), 2),
    block(Buffer.from([0]), 1),
    block(Buffer.concat(numbered), 2),
  ]);
  const message = Buffer.concat([Buffer.from([1]), block(body, 3)]);
  const records: Buffer[] = [];
  for (let at = 0; at < message.length; at += 16384)
    records.push(record(message.subarray(at, at + 16384)));
  return Buffer.concat(records);
}

/** Body of the extension server_name. */
export function serverNameBody(name: string, type = 0): Buffer {
  const text = Buffer.from(name, 'latin1');
  const head = Buffer.from([0, text.length + 3, type, 0, text.length]);
  head.writeUInt16BE(text.length + 3, 0);
  head.writeUInt16BE(text.length, 3);
  return Buffer.concat([head, text]);
}

/** The result, which must be a hello. */
export function parsed(bytes: Buffer): TClientHelloData {
  const result = parseClientHello(bytes);
  if (typeof result === 'string') throw new Error(`not a hello but "${result}"`);
  return result;
}

/** All that a result tells, also what is read only when somebody asks. */
export function told(result: ClientHelloResult): unknown {
  if (typeof result === 'string') return result;
  const members = Object.getOwnPropertyDescriptors(TClientHelloData.prototype);
  const read = Object.entries(members).filter(([, member]) => member.get !== undefined);
  const values = read.map(([name]) => [name, result[name as keyof TClientHelloData]] as const);
  return { ...result, ...Object.fromEntries(values) };
}
