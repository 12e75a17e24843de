// RC2 in CBC mode, decryption only (RFC 2268). OpenSSL 3 has it no more, but PKCS #12 files made by
// older programs encrypt their certificates with its 40-bit variant. It protects nothing: the
// certificates are public, and the key in such a file is encrypted with Triple DES.

// prettier-ignore
const PI_TABLE = Buffer.from(
  'd978f9c419ddb5ed28e9fd794aa0d89dc67e37832b76538e624c6488448bfba2' +
  '179a59f587b34f1361456d8d09817d32bd8f40eb86b77b0bf09521225c6b4e82' +
  '54d66593ce60b21c7356c014a78cf1dc1275ca1f3bbee4d1423dd430a33cb626' +
  '6fbf0eda4669075727f21d9bbc944303f811c7f690ef3ee706c3d52fc8661ed7' +
  '08e8eade8052eef784aa72ac354d6a2a961ad2715a1549744b9fd05e0418a4ec' +
  'c2e0416e0f51cbcc2491af50a1f47039997c3a8523b8b47afc02365b25559731' +
  '2d5dfa98e38a92ae05df2910676cbac9d300e6cfe19ea82c6316013f58e289a9' +
  '0d38341bab33ffb0bb480c5fb9b1cd2ec5f3db47e5a59c770aa62068fe7fc1ad',
  'hex',
);
const BLOCK = 8;

/** Raises a RangeError if the padding is wrong, which is how a wrong key shows. */
export function decryptRc2(key: Buffer, iv: Buffer, data: Buffer): Buffer {
  if (data.length === 0 || data.length % BLOCK !== 0) throw new RangeError('bad decrypt');
  const words = expandedKey(key);
  const plain = Buffer.alloc(data.length);
  for (let at = 0; at < data.length; at += BLOCK) {
    const block = decryptedBlock(words, data, at);
    const before = at === 0 ? iv : data.subarray(at - BLOCK, at);
    for (let i = 0; i < BLOCK; i++) plain[at + i] = block[i]! ^ before[i]!;
  }
  return withoutPadding(plain);
}

function withoutPadding(plain: Buffer): Buffer {
  const count = plain.at(-1)!;
  const padding = plain.subarray(plain.length - count);
  if (count === 0 || count > BLOCK || !padding.every((byte) => byte === count))
    throw new RangeError('bad decrypt');
  return plain.subarray(0, plain.length - count);
}

/** RFC 2268, 2; the effective key length is that of the key. */
function expandedKey(key: Buffer): Uint16Array {
  const bytes = new Uint8Array(128);
  bytes.set(key);
  for (let i = key.length; i < 128; i++)
    bytes[i] = PI_TABLE[(bytes[i - 1]! + bytes[i - key.length]!) & 0xff]!;
  const first = 128 - key.length;
  bytes[first] = PI_TABLE[bytes[first]!]!;
  for (let i = first - 1; i >= 0; i--) bytes[i] = PI_TABLE[bytes[i + 1]! ^ bytes[i + key.length]!]!;
  return Uint16Array.from({ length: 64 }, (_, i) => bytes[2 * i]! | (bytes[2 * i + 1]! << 8));
}

const ROTATIONS = [1, 2, 3, 5] as const;

/** RFC 2268, 4: five, six and five mixing rounds with a mashing round in between, backwards. */
function decryptedBlock(words: Uint16Array, data: Buffer, at: number): Buffer {
  const r = [0, 2, 4, 6].map((offset) => data.readUInt16LE(at + offset));
  for (let round = 15, j = 63; round >= 0; round--) {
    for (let i = 3; i >= 0; i--, j--) {
      const shift = ROTATIONS[i]!;
      const rotated = ((r[i]! >>> shift) | (r[i]! << (16 - shift))) & 0xffff;
      const [a, b, c] = [r[(i + 3) & 3]!, r[(i + 2) & 3]!, r[(i + 1) & 3]!];
      r[i] = (rotated - words[j]! - (a & b) - (~a & c)) & 0xffff;
    }
    if (round !== 11 && round !== 5) continue;
    for (let i = 3; i >= 0; i--) r[i] = (r[i]! - words[r[(i + 3) & 3]! & 63]!) & 0xffff;
  }
  const block = Buffer.alloc(BLOCK);
  r.forEach((word, i) => block.writeUInt16LE(word, 2 * i));
  return block;
}
