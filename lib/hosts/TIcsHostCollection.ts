// The hosts of a server (ICS: TIcsHostCollection in OverbyteIcsWSocketS.pas). Keeps the index by
// which a handshake finds its host, and drops it whenever a host comes, goes or changes.
import { TOwnedCollection } from '../base/TOwnedCollection';
import { HostIndex } from './selectHost';
import { TIcsHost } from './TIcsHost';

export class TIcsHostCollection extends TOwnedCollection<TIcsHost> {
  #index: HostIndex | null = null;

  constructor(AOwner: object | null) {
    super(AOwner, TIcsHost);
  }

  /** @internal Made when first asked for. */
  get index(): HostIndex {
    return (this.#index ??= new HostIndex(this));
  }

  /** @internal Bindings of hosts have changed. */
  forgetIndex(): void {
    this.#index = null;
  }

  /** @internal Also between BeginUpdate and EndUpdate. */
  override changed(item: TIcsHost | null): void {
    this.#index = null;
    super.changed(item);
  }
}
