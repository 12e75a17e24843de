// A further listener of a TLS server (ICS: TSslWSocketMultiListenItem): TLS is on by default.
import type { TCollection } from '../base/TCollection';
import { TWSocketMultiListenItem } from './TWSocketMultiListenItem';

export class TSslWSocketMultiListenItem extends TWSocketMultiListenItem {
  constructor(Collection: TCollection | null) {
    super(Collection);
    this.SslEnable = true;
  }
}
