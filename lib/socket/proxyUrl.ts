// A proxy as one text (ICS: ProxyURL).

export interface ProxyUrl {
  /** SocksLevel; '' for an HTTP proxy. */
  readonly level: string;
  readonly host: string;
  readonly port: string;
  readonly usercode: string;
  readonly password: string;
}

const LEVEL_OF: ReadonlyMap<string, string> = new Map([
  ['http', ''],
  ['socks4', '4'],
  ['socks4a', '4A'],
  ['socks5', '5'],
]);
const HTTP_PORT = '8080';
const SOCKS_PORT = '1080';
const PATTERN =
  /^([a-z][a-z\d+.-]*):\/\/(?:([^/]*)@)?(\[[\da-f:.]+\]|[^/:@[\]]+)(?::(\d+))?(\/.*)?$/i;

/** The parts, all '' for ''; or the text of the error. */
export function parseProxyUrl(url: string): ProxyUrl | string {
  if (url === '') return { level: '', host: '', port: '', usercode: '', password: '' };
  const parts = PATTERN.exec(url);
  if (!parts) return `Error with proxy URL: ${url} - it must contain proto and host`;
  const [, proto, login = '', host, port, path = ''] = parts;
  if (path.length > 1) return `Error with proxy URL:${url} - path not allowed`;
  const level = LEVEL_OF.get(proto!.toLowerCase());
  if (level === undefined) return `Error with proxy URL "${url} - Unknown proxy protocol`;
  const colon = login.indexOf(':');
  return {
    level,
    host: host!.replace(/^\[|\]$/g, ''),
    port: port ?? (level === '' ? HTTP_PORT : SOCKS_PORT),
    usercode: decoded(colon < 0 ? login : login.slice(0, colon)),
    password: decoded(colon < 0 ? '' : login.slice(colon + 1)),
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a percent sign that means itself
  }
}
