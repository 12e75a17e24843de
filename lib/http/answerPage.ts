// The bytes of an answer of the small web server: HTTP/1.0, one page, the connection closes.
import { STATUS_CODES } from 'node:http';

/** Statuses that have no body. */
const BODILESS = new Set(['204', '304']);
const STATUS_DIGITS = 3;

/**
 * `200` becomes `200 OK`; what is no final status of HTTP, or would break the head, is ''.
 */
export function fullStatus(status: string): string {
  const text = status.trim();
  const code = text.slice(0, STATUS_DIGITS);
  if (!/^[2-5]\d\d$/.test(code) || hasControls(text)) return '';
  if (text.length === STATUS_DIGITS) return `${code} ${STATUS_CODES[code] ?? 'Unknown'}`;
  return text[STATUS_DIGITS] === ' ' ? text : '';
}

/** TypeError for what would break the head. ExtraHdr: further fields, each a line ended by CRLF. */
export function answerPage(
  status: string,
  contentType: string,
  extraHdr: string,
  body: string,
  isHead: boolean,
): Buffer {
  const statusText = fullStatus(status);
  if (statusText === '') throw new TypeError(`no status of HTTP: ${JSON.stringify(status)}`);
  if (hasControls(contentType))
    throw new TypeError(`no content type: ${JSON.stringify(contentType)}`);
  const hasBody = !BODILESS.has(statusText.slice(0, STATUS_DIGITS));
  const bytes = Buffer.from(hasBody ? body : '');
  const lines = [
    `HTTP/1.0 ${statusText}`,
    `Date: ${new Date().toUTCString()}`,
    ...(hasBody ? [`Content-Type: ${contentType}`, `Content-Length: ${bytes.length}`] : []),
    'Connection: close',
    ...extraLines(extraHdr),
  ];
  const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`);
  return isHead ? head : Buffer.concat([head, bytes]);
}

function extraLines(extraHdr: string): string[] {
  const lines = extraHdr.split('\r\n');
  if (lines.at(-1) === '') lines.pop();
  for (const line of lines)
    if (hasControls(line) || line.indexOf(':') <= 0)
      throw new TypeError(`no header field: ${JSON.stringify(line)}`);
  return lines;
}

/** A small HTML page with the status as its title. */
export function errorPage(status: string, msg: string): string {
  const title = escapeHtml(status);
  const text = escapeHtml(msg);
  return (
    `<!DOCTYPE html>\n<html><head><title>${title}</title></head>\n` +
    `<body><h1>${title}</h1><p>${text}</p></body></html>\n`
  );
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function hasControls(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x20 || code === 0x7f) return true;
  }
  return false;
}
