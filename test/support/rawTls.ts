// A client whose handshake Node has made, and which writes its own records afterwards: messages that
// no client of Node or openssl sends, or not that often.
import { createCipheriv, createHmac } from 'node:crypto';
import net from 'node:net';
import { Duplex } from 'node:stream';
import tls from 'node:tls';
import { onCleanup } from './cleanup';

export const HANDSHAKE = 22;
const AES = 'aes-128-gcm';
const SERVER_RANDOM_AT = 11; // record, message, version

const hmac = (key: Buffer, ...parts: Uint8Array[]): Buffer => {
  const hash = createHmac('sha256', key);
  for (const part of parts) hash.update(part);
  return hash.digest();
};

/** P_SHA256 of TLS 1.2. */
function prf(secret: Buffer, label: string, seed: Buffer, size: number): Buffer {
  const all = Buffer.concat([Buffer.from(label), seed]);
  const blocks: Buffer[] = [];
  for (let a = hmac(secret, all); blocks.length * 32 < size; a = hmac(secret, a))
    blocks.push(hmac(secret, a, all));
  return Buffer.concat(blocks).subarray(0, size);
}

/** HKDF-Expand-Label of TLS 1.3, one block at most. */
function expand(secret: Buffer, name: string, size: number): Buffer {
  const label = Buffer.from(`tls13 ${name}`);
  const info = Buffer.from([0, size, label.length, ...label, 0, 1]);
  return hmac(secret, info).subarray(0, size);
}

export class RawTls {
  readonly socket: net.Socket;
  /** What the server has sent since the handshake, encrypted. */
  received = 0;
  isClosed = false;
  /** The ClientHello of this session, without its record. */
  hello: Buffer = Buffer.alloc(0);
  #serverRandom: Buffer = Buffer.alloc(0);
  readonly #secrets = new Map<string, [random: Buffer, secret: Buffer]>();
  #key: Buffer = Buffer.alloc(0);
  #iv: Buffer = Buffer.alloc(0);
  #secret: Buffer = Buffer.alloc(0);
  #sequence = 0n;
  readonly #is13: boolean;

  private constructor(port: number, is13: boolean) {
    this.#is13 = is13;
    this.socket = net.connect({ port, host: '127.0.0.1' });
    this.socket.on('error', () => undefined);
    this.socket.on('close', () => (this.isClosed = true));
    onCleanup(() => this.socket.destroy());
  }

  /** Connected, the handshake done. */
  static async connect(port: number, version: 'TLSv1.2' | 'TLSv1.3'): Promise<RawTls> {
    const raw = new RawTls(port, version === 'TLSv1.3');
    await raw.#handshake(version);
    raw.#deriveKeys();
    raw.socket.on('data', (bytes: Buffer) => (raw.received += bytes.length));
    return raw;
  }

  async #handshake(version: tls.SecureVersion): Promise<void> {
    const { socket } = this;
    const pipe = new Duplex({
      read: () => undefined,
      write: (chunk: Buffer, _encoding, done) => {
        if (this.hello.length === 0) this.hello = Buffer.from(chunk.subarray(5));
        socket.write(chunk, () => done());
      },
    });
    const take = (bytes: Buffer): void => {
      if (this.#serverRandom.length === 0)
        this.#serverRandom = Buffer.from(bytes.subarray(SERVER_RANDOM_AT, SERVER_RANDOM_AT + 32));
      pipe.push(bytes);
    };
    socket.on('data', take);
    const session = tls.connect({
      socket: pipe,
      rejectUnauthorized: false,
      minVersion: version,
      maxVersion: version,
      ciphers: 'TLS_AES_128_GCM_SHA256:ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256',
    });
    session.on('keylog', (line: Buffer) => {
      const [name, random, secret] = line.toString().trim().split(' ') as [string, string, string];
      this.#secrets.set(name, [Buffer.from(random, 'hex'), Buffer.from(secret, 'hex')]);
    });
    await new Promise<void>((resolve, reject) => {
      session.once('secureConnect', resolve).once('error', reject);
    });
    session.on('error', () => undefined);
    socket.off('data', take);
  }

  #deriveKeys(): void {
    if (this.#is13) {
      this.#useSecret(this.#secrets.get('CLIENT_TRAFFIC_SECRET_0')![1]);
      return;
    }
    const [clientRandom, master] = this.#secrets.get('CLIENT_RANDOM')!;
    const seed = Buffer.concat([this.#serverRandom, clientRandom]);
    const block = prf(master, 'key expansion', seed, 2 * 16 + 2 * 4);
    this.#key = block.subarray(0, 16);
    this.#iv = block.subarray(32, 36);
    this.#sequence = 1n; // Finished was the first
  }

  #useSecret(secret: Buffer): void {
    this.#secret = secret;
    this.#key = expand(secret, 'key', 16);
    this.#iv = expand(secret, 'iv', 12);
    this.#sequence = 0n;
  }

  /** One encrypted record. */
  record(type: number, content: Buffer): Buffer {
    return this.#is13 ? this.#record13(type, content) : this.#record12(type, content);
  }

  #nextSequence(): Buffer {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64BE(this.#sequence++);
    return bytes;
  }

  #record12(type: number, content: Buffer): Buffer {
    const sequence = this.#nextSequence();
    const cipher = createCipheriv(AES, this.#key, Buffer.concat([this.#iv, sequence]));
    cipher.setAAD(Buffer.concat([sequence, header(type, content.length)]));
    const body = Buffer.concat([cipher.update(content), cipher.final(), cipher.getAuthTag()]);
    return Buffer.concat([header(type, 8 + body.length), sequence, body]);
  }

  #record13(type: number, content: Buffer): Buffer {
    const nonce = Buffer.from(this.#iv);
    this.#nextSequence().forEach((byte, i) => (nonce[4 + i]! ^= byte));
    const head = header(23, content.length + 1 + 16);
    const cipher = createCipheriv(AES, this.#key, nonce);
    cipher.setAAD(head);
    const inner = Buffer.concat([content, Buffer.from([type])]);
    return Buffer.concat([head, cipher.update(inner), cipher.final(), cipher.getAuthTag()]);
  }

  /** TLS 1.3: new keys for this side, and a request for new ones of the other. */
  keyUpdate(): Buffer {
    const record = this.record(HANDSHAKE, Buffer.from([24, 0, 0, 1, 1]));
    this.#useSecret(expand(this.#secret, 'traffic upd', 32));
    return record;
  }
}

function header(type: number, size: number): Buffer {
  return Buffer.from([type, 3, 3, size >> 8, size & 0xff]);
}
