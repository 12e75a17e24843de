// Which addresses and ports the small web server listens on.
import { networkInterfaces } from 'node:os';
import { ICS_LOCAL_HOST_NAME, ICS_LOCAL_HOST_V4, ICS_LOCAL_HOST_V6 } from '../types';

export interface Binding {
  readonly addr: string;
  readonly port: string;
  readonly ssl: boolean;
}

interface BindingSource {
  readonly WebSrvIP: string;
  readonly WebSrvIP2: string;
  readonly WebSrvPort: string;
  readonly WebSrvPortSsl: string;
}

/** At least one; plain listeners first. A port '0' in the result is chosen by the system. */
export function bindingsOf(source: BindingSource): Binding[] {
  const plain = portText(source.WebSrvPort);
  const tls = portText(source.WebSrvPortSsl);
  const addrs = addressesOf(source);
  const bind = (port: string, ssl: boolean): Binding[] =>
    addrs.map((addr) => ({ addr, port, ssl }));
  if (isOff(tls)) return bind(plain, false);
  return isOff(plain) ? bind(tls, true) : [...bind(plain, false), ...bind(tls, true)];
}

/** ICS: port 0 means that there is no such listener. */
export function isOff(port: string): boolean {
  return port === '' || port === '0';
}

function portText(port: string): string {
  return String(port).trim();
}

/** 'localhost' is both loopback addresses; IPv6 is left out where the machine has none. */
function addressesOf({ WebSrvIP, WebSrvIP2 }: BindingSource): string[] {
  const given = [WebSrvIP, WebSrvIP2].map((addr) => String(addr).trim());
  const addrs = given.flatMap((addr, at) => {
    if (addr.toLowerCase() !== ICS_LOCAL_HOST_NAME) return addr === '' && at > 0 ? [] : [addr];
    return hasIPv6() ? [ICS_LOCAL_HOST_V4, ICS_LOCAL_HOST_V6] : [ICS_LOCAL_HOST_V4];
  });
  return [...new Set(addrs)];
}

function hasIPv6(): boolean {
  const all = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return all.some(({ address }) => address === ICS_LOCAL_HOST_V6);
}
