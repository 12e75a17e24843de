// IP addresses as certificates hold them: four or sixteen bytes.
import { isIPv4, isIPv6 } from 'node:net';

/** Bytes of an IPv4 or IPv6 address; undefined for any other text. A zone is refused. */
export function ipToBytes(text: string): Buffer | undefined {
  if (isIPv4(text)) return Buffer.from(text.split('.').map(Number));
  if (!isIPv6(text) || text.includes('%')) return undefined;
  const [head, tail] = text.split('::') as [string, string?];
  const first = groups(head);
  const last = tail === undefined ? [] : groups(tail);
  const gap = new Array<number>(8 - first.length - last.length).fill(0);
  const bytes = Buffer.alloc(16);
  [...first, ...gap, ...last].forEach((group, at) => bytes.writeUInt16BE(group, at * 2));
  return bytes;
}

/** The last group may be an IPv4 address, which stands for two. */
function groups(text: string): number[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => {
    if (!group.includes('.')) return [parseInt(group, 16)];
    const [a, b, c, d] = group.split('.').map(Number) as [number, number, number, number];
    return [a * 256 + b, c * 256 + d];
  });
}

/** Text of an address in the usual short form (RFC 5952); undefined unless 4 or 16 bytes long. */
export function ipFromBytes(bytes: Buffer): string | undefined {
  if (bytes.length === 4) return [...bytes].join('.');
  if (bytes.length !== 16) return undefined;
  const words = Array.from({ length: 8 }, (_, at) => bytes.readUInt16BE(at * 2));
  const zeros = longestZeroRun(words);
  const text = (part: number[]): string => part.map((word) => word.toString(16)).join(':');
  if (zeros.length < 2) return text(words);
  return `${text(words.slice(0, zeros.at))}::${text(words.slice(zeros.at + zeros.length))}`;
}

function longestZeroRun(words: readonly number[]): { at: number; length: number } {
  let best = { at: 0, length: 0 };
  for (let at = 0; at < words.length; at++) {
    let length = 0;
    while (words[at + length] === 0) length++;
    if (length > best.length) best = { at, length };
    at += length;
  }
  return best;
}
