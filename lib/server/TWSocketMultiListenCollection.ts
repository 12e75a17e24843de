// The listeners of a server besides its own Addr and Port (ICS: TWSocketMultiListenCollection).
// An item that leaves the collection, whatever the way, is closed first.
import { TCollectionNotification } from '../base/TCollection';
import { TOwnedCollection } from '../base/TOwnedCollection';
import { INVALID_SOCKET, TSocketState } from '../types';
import type { TWSocketMultiListenItem } from './TWSocketMultiListenItem';

export class TWSocketMultiListenCollection<
  T extends TWSocketMultiListenItem = TWSocketMultiListenItem,
> extends TOwnedCollection<T> {
  /** Index of the item that has this descriptor, -1: none. */
  FindItemIndex(AHSocket: number): number {
    return this.FindItemHandle(AHSocket)?.Index ?? -1;
  }

  /** The item that has this descriptor, or null. */
  FindItemHandle(AHSocket: number): T | null {
    if (AHSocket === INVALID_SOCKET) return null;
    for (const item of this) if (item.HSocket === AHSocket) return item;
    return null;
  }

  protected override Notify(Item: T, Action: TCollectionNotification): void {
    super.Notify(Item, Action);
    const leaves = Action === TCollectionNotification.cnExtracting;
    if (leaves && Item.State !== TSocketState.wsClosed) Item.Close();
  }
}
