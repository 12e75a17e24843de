// A connection of TSslWSocketThrdServer as the main thread sees it (ICS: TSslWSocketThrdClient in
// OverbyteIcsWSocketTS.pas). It has no session: the worker begins TLS with the raw connection.
import { TWSocketThrdClient } from './TWSocketThrdClient';
import type { TlsStart } from './threadMessages';

export class TSslWSocketThrdClient extends TWSocketThrdClient {
  /** @internal */
  protected override tlsStart(): TlsStart | null {
    if (!this.SslEnable || this.Server === null) return null;
    return { handshakeTimeout: this.SslHandshakeTimeout, held: this.takeHeldOutput() };
  }
}
