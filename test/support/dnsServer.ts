// A DNS server of the test's own: what it answers, right or wrong, is up to the test.

import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { onCleanup } from './cleanup';

export const TYPE_A = 1;
export const TYPE_CNAME = 5;
export const TYPE_PTR = 12;
export const TYPE_AAAA = 28;

export interface Question {
  id: number;
  name: string;
  type: number;
  /** The question section, to be repeated in the answer. */
  raw: Buffer;
}

export interface DnsRecord {
  type: number;
  data: Buffer;
}

function parse(message: Buffer): Question {
  const labels: string[] = [];
  let at = 12;
  for (let size = message[at]!; size > 0; size = message[at]!) {
    labels.push(message.toString('latin1', at + 1, at + 1 + size));
    at += size + 1;
  }
  const type = message.readUInt16BE(at + 1);
  return {
    id: message.readUInt16BE(0),
    name: labels.join('.'),
    type,
    raw: message.subarray(12, at + 5),
  };
}

/** A whole answer. flags: the low half of the second word, e.g. 3 for NXDOMAIN, 0x200 truncated. */
export function reply(question: Question, records: readonly DnsRecord[] = [], flags = 0): Buffer {
  const header = Buffer.alloc(12);
  header.writeUInt16BE(question.id, 0);
  header.writeUInt16BE(0x8180 | flags, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(records.length, 6);
  const answers = records.map(({ type, data }) => {
    const head = Buffer.alloc(12);
    head.writeUInt16BE(0xc00c, 0); // the name of the question
    head.writeUInt16BE(type, 2);
    head.writeUInt16BE(1, 4);
    head.writeUInt32BE(60, 6);
    head.writeUInt16BE(data.length, 10);
    return Buffer.concat([head, data]);
  });
  return Buffer.concat([header, question.raw, ...answers]);
}

export function nameBytes(name: string): Buffer {
  const labels = name.split('.').map((label) => {
    return Buffer.concat([Buffer.from([label.length]), Buffer.from(label, 'latin1')]);
  });
  return Buffer.concat([...labels, Buffer.from([0])]);
}

export const recordA = (address: string): DnsRecord => ({
  type: TYPE_A,
  data: Buffer.from(address.split('.').map(Number)),
});

/** The last 16 bits of an address in 2001:db8::/112. */
export function recordAAAA(last: number): DnsRecord {
  const data = Buffer.alloc(16);
  data.writeUInt32BE(0x20010db8, 0);
  data.writeUInt16BE(last, 14);
  return { type: TYPE_AAAA, data };
}

export interface DnsServer {
  /** For DnsServers. */
  address: string;
  port: number;
  questions: Question[];
  socket: Socket;
}

type Answer = (question: Question) => Buffer | readonly Buffer[] | null;

export async function startDnsServer(answer: Answer): Promise<DnsServer> {
  const socket = createSocket('udp4');
  const questions: Question[] = [];
  socket.on('message', (message, { address, port }) => {
    const question = parse(message);
    questions.push(question);
    const answers = answer(question);
    if (answers === null) return;
    const all = Buffer.isBuffer(answers) ? [answers] : (answers as readonly Buffer[]);
    for (const bytes of all) socket.send(bytes, port, address);
  });
  onCleanup(() => socket.close());
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const { port } = socket.address();
  return { address: `127.0.0.1:${port}`, port, questions, socket };
}
