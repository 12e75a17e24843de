// Socket options that are applied to the live socket, and the addresses of both ends: the part of
// ICS's TCustomWSocket that asks the system.
import { takesNumber } from '../base/numberProperties';
import * as N from '../native';
import { TSocketState } from '../types';
import { ConnectProperties } from './ConnectProperties';
import { addressPart, portPart } from './addressText';
import { getBufferSize, setBufferSize, setKeepAlive, setLinger, setNoDelay } from './options';

const { native } = N;

export abstract class SocketAddresses extends ConnectProperties {
  SetLingerOption(): void {
    setLinger(this);
  }

  SetKeepAliveOption(): void {
    setKeepAlive(this);
  }

  SetTcpNoDelayOption(): void {
    setNoDelay(this);
  }

  /** Bytes of the kernel's receive buffer; 0 without a socket. */
  get SocketRcvBufSize(): number {
    return getBufferSize(this, N.OPT_RCVBUF);
  }

  set SocketRcvBufSize(value: number) {
    if (takesNumber(this, 'SocketRcvBufSize', value)) setBufferSize(this, N.OPT_RCVBUF, value);
  }

  /** Bytes of the kernel's send buffer; 0 without a socket. */
  get SocketSndBufSize(): number {
    return getBufferSize(this, N.OPT_SNDBUF);
  }

  set SocketSndBufSize(value: number) {
    if (takesNumber(this, 'SocketSndBufSize', value)) setBufferSize(this, N.OPT_SNDBUF, value);
  }

  /** Own address; 'error' unless bound, listening or connected. */
  GetXAddr(): string {
    return addressPart(this.ownAddress()) || 'error';
  }

  /** Own port as text; 'error' unless bound, listening or connected. */
  GetXPort(): string {
    return portPart(this.ownAddress()) || 'error';
  }

  /** Address of the peer; 'error' unless connected. */
  GetPeerAddr(): string {
    return addressPart(this.peerAddress()) || 'error';
  }

  GetPeerPort(): string {
    return portPart(this.peerAddress()) || 'error';
  }

  get PeerAddr(): string {
    return this.GetPeerAddr();
  }

  get PeerPort(): string {
    return this.GetPeerPort();
  }

  /** @internal `<address> <port>` as accept() saw it, known even when the peer has reset; or ''. */
  protected acceptedPeer(): string {
    const found = native.addressOf(this.socketHandle, 1);
    return typeof found === 'string' ? found : '';
  }

  /** @internal After a bind: LocalPort tells the port the system chose. */
  noteLocalPort(port = portPart(this.boundAddress())): void {
    if (port !== '') this.setText('localPort', port);
  }

  private peerAddress(): string {
    return this.state === TSocketState.wsConnected ? this.acceptedPeer() : '';
  }

  private ownAddress(): string {
    const { state } = this;
    const known =
      state === TSocketState.wsConnected ||
      state === TSocketState.wsBound ||
      state === TSocketState.wsListening;
    return known ? this.boundAddress() : '';
  }

  private boundAddress(): string {
    const found = native.addressOf(this.socketHandle, 0);
    return typeof found === 'string' ? found : '';
  }
}
