// What a caller can hand over instead of an address or a name.

/** No texts at all. */
export const NO_TEXTS = [
  undefined,
  null,
  true,
  4,
  NaN,
  {},
  [],
  ['1.2.3.4'],
  () => '1.2.3.4',
  Symbol('1.2.3.4'),
  10n,
] as unknown as string[];

const SHORT = [
  '1.2.3.4\0',
  '\x001.2.3.4',
  '::1\0',
  '::\x001',
  '\ud800',
  '\udc00.1.2.3',
  '1.2.3.4\ud800',
  '١.٢.٣.٤',
  '1.2.3.４',
];

const MANY = 10_000_000;
const REPEATED = ['x', '.', ':', '::', ' ', '%', '1.', '1:', 'f', '\0', '\ud800', 'ü'];

/** Texts of 10 MB: what looks at them more than once per character runs into the test's timeout. */
export function* longTexts(): Generator<string> {
  for (const part of REPEATED) yield part.repeat(MANY / part.length);
  yield ' '.repeat(MANY) + 'x';
  yield `1.2.3.${'4'.repeat(MANY)}`;
  yield `::1%${'1'.repeat(MANY)}`;
  yield `fe80::1%${'x'.repeat(MANY)}`;
}

/** Texts that are neither an address nor a host name. */
export function* wrongTexts(): Generator<string> {
  yield* SHORT;
  yield* longTexts();
}
