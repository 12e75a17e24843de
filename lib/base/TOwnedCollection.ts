// A collection that knows the object it belongs to (Delphi: TOwnedCollection). The owner frees it.
import { TCollection, type TCollectionItemClass } from './TCollection';
import type { TCollectionItem } from './TCollectionItem';

export class TOwnedCollection<T extends TCollectionItem = TCollectionItem> extends TCollection<T> {
  readonly #owner: object | null;

  constructor(AOwner: object | null, ItemClass: TCollectionItemClass<T>) {
    super(ItemClass);
    this.#owner = AOwner;
  }

  override get Owner(): object | null {
    return this.#owner;
  }
}
