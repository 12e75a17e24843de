// Texts from peers, files and certificates as they may appear on a terminal or in a log.

const PEM_TEXT = /-----BEGIN[^]*?(?:-----END[^-]*-----|$)/g;
// Control characters, and those that turn the direction of a text.
// eslint-disable-next-line no-control-regex
const UNPRINTABLE = /[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/g;

/** One line without control characters and without PEM text, which may hold a private key. */
export function printable(text: string): string {
  return text
    .replace(PEM_TEXT, '(PEM text)')
    .replace(UNPRINTABLE, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

/** The same line by line, for a stack. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n');
}
