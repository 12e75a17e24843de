// Address and port of one end, as datagrams carry them (ICS: TSockAddr, TSockAddrIn6). Kept in the
// system's binary form, so that receiving and answering a datagram formats and parses no text.
import { ESocketException, WSAEINVAL } from '../errors';
import { PACKED_ADDRESS_SIZE, native } from '../native';
import { TSocketFamily } from '../types';
import { addressPart, portPart } from './addressText';

const MAX_PORT = 65535;

export class TSockAddr {
  /** @internal */
  readonly packed: Uint8Array;

  /** Addr: literal IPv4 or IPv6 address; without it the object is empty, to be filled. */
  constructor(Addr = '', Port: number | string = 0) {
    this.packed = new Uint8Array(PACKED_ADDRESS_SIZE);
    if (Addr !== '') this.Assign(Addr, Port);
  }

  /** Takes another address. ESocketException 10022 for anything but a literal and a port. */
  Assign(Addr: string, Port: number | string): void {
    const port = Number(Port);
    const valid = Number.isInteger(port) && port >= 0 && port <= MAX_PORT && Port !== '';
    if (valid && native.packAddress(String(Addr), port, this.packed) >= 0) return;
    throw new ESocketException(
      `TSockAddr: '${Addr}' port '${Port}' is not a literal address with a port of 0 to ${MAX_PORT}`,
      WSAEINVAL,
    );
  }

  /** Literal address, '' when empty. */
  get Addr(): string {
    return addressPart(native.unpackAddress(this.packed));
  }

  /** Port number, 0 when empty. */
  get Port(): number {
    return Number(portPart(native.unpackAddress(this.packed)));
  }

  /** sfIPv4 or sfIPv6; sfAny when empty. */
  get Family(): TSocketFamily {
    const { Addr } = this;
    if (Addr === '') return TSocketFamily.sfAny;
    return Addr.includes(':') ? TSocketFamily.sfIPv6 : TSocketFamily.sfIPv4;
  }
}
