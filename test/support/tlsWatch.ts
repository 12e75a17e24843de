// Watches the sessions of Node's TLS that servers of this process make, whichever engine runs them:
// each of them has to be collected once its connection is over.
import { nodeTls } from '../../lib/ssl/nodeTls';
import { TlsFilter } from '../../lib/ssl/tlsFilter';
import { onCleanup } from './cleanup';
import { collectGarbage } from './memory';
import { waitFor } from './waitFor';

/** Counts objects that were collected. */
export class Watch {
  made = 0;
  alive = 0;
  readonly #registry = new FinalizationRegistry<void>(() => void this.alive--);

  add(object: object): void {
    this.made++;
    this.alive++;
    this.#registry.register(object);
  }

  /** Until all of them are. */
  async settled(deadlineMs = 10_000): Promise<void> {
    const none = (): boolean => (collectGarbage(), this.alive === 0);
    await waitFor(none, `${this.alive} of ${this.made} objects to be collected`, deadlineMs);
  }
}

export interface SessionWatch {
  /** Without Node's streams. */
  readonly direct: Watch;
  /** Over a carrier. */
  readonly streamed: Watch;
}

/** From now on, until the test ends. */
export function watchSessions(): SessionWatch {
  const watch: SessionWatch = { direct: new Watch(), streamed: new Watch() };
  const { server } = TlsFilter;
  TlsFilter.server = (...args) => {
    const filter = server.apply(TlsFilter, args);
    watch.streamed.add(filter.socket);
    return filter;
  };
  onCleanup(() => (TlsFilter.server = server));
  const node = nodeTls();
  if (node === null) return watch;
  const { wrapServer } = node;
  node.wrapServer = (...args) => {
    const handle = wrapServer(...args);
    watch.direct.add(handle);
    return handle;
  };
  onCleanup(() => (node.wrapServer = wrapServer));
  return watch;
}
