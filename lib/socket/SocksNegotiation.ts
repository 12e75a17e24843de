// One SOCKS negotiation, from the first byte to the proxy's decision.
import {
  WSocketProxyErrorDesc,
  socksDataReceiveError,
  socksHostResolutionFailed,
} from './proxyErrors';
import { TSocketFamily, TSocksAuthState, TSocksAuthentication, TSocksState } from '../types';
import type { TCustomSocksWSocket } from './TCustomSocksWSocket';
import { hiddenLookup, stopHiddenLookup } from './dnsLookup';
import { asciiHost, WSocketResolvePort } from './names';
import { ProxyNegotiation, isLiteral } from './proxyNegotiation';
import * as S from './socksProtocol';

export class SocksNegotiation extends ProxyNegotiation {
  readonly #socks: TCustomSocksWSocket;
  readonly #reply = new Uint8Array(S.MAX_SOCKS_REPLY);
  #state = TSocksState.socksData;
  #have = 0;
  /** Bytes the reply must have before it says more; 0: none is expected yet. */
  #need = 0;
  #lookup = 0;

  constructor(socket: TCustomSocksWSocket) {
    super(socket);
    this.#socks = socket;
  }

  begin(): void {
    this.#socks.TriggerSocksConnected(0);
    if (!this.alive) return;
    const { SocksLevel, Addr } = this.#socks;
    if (SocksLevel === '5') {
      this.#ask(
        TSocksState.socksNegociateMethods,
        S.socks5Greeting(this.#withUsercode),
        S.SOCKS_REPLY_5_METHOD,
      );
    } else if (isLiteral(Addr)) {
      this.#ask4(Addr, '');
    } else if (SocksLevel === '4') {
      this.#lookUp();
    } else {
      this.#ask4('', this.#host);
    }
  }

  protected override input(): void {
    if (this.#need === 0) this.ignore();
    while (this.alive && this.#need > 0) {
      const got = this.read(this.#reply, this.#have, this.#need - this.#have);
      if (got === 0) return;
      this.#have += got;
      if (this.#have === this.#need) this.#complete();
    }
  }

  ended(): void {
    this.#fail(socksDataReceiveError);
  }

  override stop(): void {
    const lookup = this.#lookup;
    this.#lookup = 0;
    stopHiddenLookup(lookup);
  }

  get #withUsercode(): boolean {
    return this.#socks.SocksAuthentication === TSocksAuthentication.socksAuthenticateUsercode;
  }

  get #host(): string {
    const { Addr } = this.#socks;
    return isLiteral(Addr) ? Addr : (asciiHost(Addr, this.#socks) ?? Addr);
  }

  get #port(): number {
    return WSocketResolvePort(this.#socks.Port, 'tcp');
  }

  // Events come after this: their handlers may pump, and find everything in order.
  #ask(state: TSocksState, request: Uint8Array, need: number): void {
    this.#state = state;
    this.#have = 0;
    this.#need = need;
    const error = this.send(request);
    if (error !== 0) this.#fail(error);
  }

  #ask4(address: string, name: string): void {
    const { SocksUsercode } = this.#socks;
    this.#ask(
      TSocksState.socksConnect,
      S.socks4Request(address, name, this.#port, SocksUsercode),
      S.SOCKS_REPLY_4,
    );
  }

  // SOCKS 4 knows addresses only.
  #lookUp(): void {
    this.#lookup = hiddenLookup(this.#socks, this.#host, TSocketFamily.sfIPv4, (address) => {
      this.#lookup = 0;
      if (!this.alive) return;
      try {
        if (address === '') this.#fail(socksHostResolutionFailed);
        else this.#ask4(address, '');
        if (this.alive) this.input();
      } catch (E) {
        this.#socks.HandleBackGroundException(E, 'TCustomSocksWSocket.Lookup');
      }
    });
  }

  #complete(): void {
    switch (this.#state) {
      case TSocksState.socksNegociateMethods:
        this.#methodChosen();
        return;
      case TSocksState.socksAuthenticate:
        this.#authenticated();
        return;
      default:
        this.#decided();
    }
  }

  #methodChosen(): void {
    const method = S.socks5Method(this.#reply, this.#withUsercode);
    if (typeof method === 'number') {
      this.#fail(method);
    } else if (method === 'none') {
      this.#ask5();
      this.#tell(TSocksAuthState.socksAuthNotRequired);
    } else {
      const { SocksUsercode, SocksPassword } = this.#socks;
      this.#ask(
        TSocksState.socksAuthenticate,
        S.socks5Credentials(SocksUsercode, SocksPassword),
        S.SOCKS_REPLY_5_METHOD,
      );
      this.#tell(TSocksAuthState.socksAuthStart);
    }
  }

  #authenticated(): void {
    const error = S.socks5AuthError(this.#reply);
    if (error === 0) {
      this.#ask5();
      this.#tell(TSocksAuthState.socksAuthSuccess);
      return;
    }
    this.#need = 0;
    this.#tell(TSocksAuthState.socksAuthFailure);
    this.#fail(error);
  }

  #ask5(): void {
    const request = S.socks5Request(this.#host, isLiteral(this.#socks.Addr), this.#port);
    this.#ask(TSocksState.socksConnect, request, S.SOCKS_REPLY_5_HEAD);
  }

  #decided(): void {
    if (this.#socks.SocksLevel !== '5') {
      this.#finish(S.socks4Error(this.#reply));
      return;
    }
    const length = S.socks5ReplyLength(this.#reply);
    if (length < 0) this.#finish(-length);
    else if (this.#have < length) this.#need = length;
    else this.#finish(0);
  }

  #finish(error: number): void {
    this.#need = 0;
    if (error === 0) this.succeed();
    else this.#fail(error);
  }

  #tell(state: TSocksAuthState): void {
    if (this.alive) this.#socks.TriggerSocksAuthState(state);
  }

  #fail(code: number): void {
    this.fail(code, () => this.#socks.TriggerSocksError(code, WSocketProxyErrorDesc(code)));
  }
}
