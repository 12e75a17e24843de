// TCollection and TCollectionItem: order, numbers, ownership, and what is told to descendants.

import assert from 'node:assert/strict';
import {
  EConvertError,
  EListError,
  TCollection,
  TCollectionItem,
  TCollectionNotification,
  TOwnedCollection,
  TPersistent,
} from '../../lib';

class TNote extends TCollectionItem {
  Text = '';

  override Assign(Source: TPersistent | null): void {
    if (Source instanceof TNote) this.Text = Source.Text;
    else super.Assign(Source);
  }

  touch(): void {
    this.Changed(false);
  }
}

class TNotes extends TOwnedCollection<TNote> {
  readonly log: string[] = [];

  protected override Notify(Item: TNote, Action: TCollectionNotification): void {
    this.log.push(`${TCollectionNotification[Action]} ${Item.ID}`);
  }

  protected override Update(Item: TNote | null): void {
    this.log.push(`Update ${Item ? Item.ID : 'all'}`);
  }
}

function notes(...texts: string[]): TCollection<TNote> {
  const collection = new TCollection(TNote);
  for (const text of texts) collection.Add().Text = text;
  return collection;
}

const texts = (collection: TCollection<TNote>): string[] =>
  [...collection].map((item) => item.Text);

describe('TCollection', () => {
  it('Add appends, Insert puts in between, Index and Items follow', () => {
    const collection = notes('a', 'c');
    collection.Insert(1).Text = 'b';
    collection.Insert(3).Text = 'd';

    assert.deepEqual(texts(collection), ['a', 'b', 'c', 'd']);
    assert.equal(collection.Count, 4);
    assert.equal(collection.Items[2]!.Text, 'c');
    assert.equal(collection.Items[2]!.Index, 2);
    assert.equal(collection.Items[0]!.Collection, collection);
    assert.equal(collection.ItemClass, TNote);
  });

  it('writing Index moves the item', () => {
    const collection = notes('a', 'b', 'c');
    collection.Items[2]!.Index = 0;
    assert.deepEqual(texts(collection), ['c', 'a', 'b']);
    assert.throws(() => (collection.Items[0]!.Index = 3), EListError);
    assert.deepEqual(texts(collection), ['c', 'a', 'b']);
  });

  it('an index out of range raises EListError and changes nothing', () => {
    const collection = notes('a');
    const expected = { name: 'EListError', code: 'ELIST', message: 'List index out of bounds (1)' };
    assert.throws(() => collection.Items[1], expected);
    assert.throws(() => collection.Delete(1), expected);
    assert.throws(() => collection.Items[-1], EListError);
    assert.throws(() => collection.Insert(2), EListError);
    assert.throws(() => collection.Insert(0.5), EListError);
    assert.equal(collection.Count, 1);
  });

  it('Delete and Free of an item take it out; its Index is -1 then', () => {
    const collection = notes('a', 'b', 'c');
    const [first, second] = collection;
    collection.Delete(0);
    second!.Free();
    second!.Free();

    assert.deepEqual(texts(collection), ['c']);
    for (const item of [first!, second!]) {
      assert.equal(item.isDestroyed, true);
      assert.equal(item.Index, -1);
      assert.equal(item.Collection, null);
    }
  });

  it('an ID is never given twice and does not change', () => {
    const collection = notes('a', 'b');
    const { ID } = collection.Items[1]!;
    collection.Delete(0);
    const third = collection.Add();
    assert.equal(collection.Items[0]!.ID, ID);
    assert.equal(third.ID, ID + 1);
    assert.equal(collection.FindItemID(ID), collection.Items[0]);
    assert.equal(collection.FindItemID(99), null);
  });

  it('Clear frees all, the last one first; Free of the collection does so too', () => {
    const order: string[] = [];
    class TLast extends TNote {
      override Destroy(): void {
        order.push(this.Text);
        super.Destroy();
      }
    }
    for (const end of ['Clear', 'Free'] as const) {
      order.length = 0;
      const collection = new TCollection(TLast);
      collection.Add().Text = '1';
      collection.Add().Text = '2';
      collection[end]();
      assert.deepEqual(order, ['2', '1']);
      assert.equal(collection.Count, 0);
    }
  });

  it('Clear ends although an item adds another one when it goes', () => {
    const collection: TCollection<TNote> = new TCollection(
      class TPhoenix extends TNote {
        override Destroy(): void {
          super.Destroy();
          collection.Add().Text = 'new';
        }
      },
    );
    collection.Add();
    collection.Add();
    collection.Clear();
    assert.deepEqual(texts(collection), ['new', 'new']);
  });

  it('tells Notify and Update, one Update at the end of BeginUpdate and EndUpdate', () => {
    const collection = new TNotes(null, TNote);
    collection.Add().touch();
    collection.BeginUpdate();
    collection.Add();
    collection.Delete(0);
    collection.EndUpdate();

    assert.deepEqual(collection.log, [
      'cnAdded 0',
      'Update all',
      'Update 0',
      'cnAdded 1',
      'cnDeleting 0',
      'cnExtracting 0',
      'Update all',
    ]);
  });

  it('Assign copies the items; onto itself it does nothing', () => {
    const source = notes('a', 'b');
    const copy = notes('x');
    copy.Assign(source);
    copy.Assign(copy);
    source.Items[0]!.Text = 'changed';
    assert.deepEqual(texts(copy), ['a', 'b']);
    copy.Items[1] = source.Items[0]!;
    assert.deepEqual(texts(copy), ['a', 'changed']);
  });

  it('Assign between strangers raises EConvertError', () => {
    const collection = notes('a');
    const item = collection.Items[0]!;
    assert.throws(() => collection.Assign(item), {
      name: 'EConvertError',
      message: 'Cannot assign a TNote to a TCollection',
    });
    assert.throws(() => item.Assign(null), EConvertError);
    assert.deepEqual(texts(collection), ['a']);
  });

  it('writing Collection moves an item to another one, with a new ID', () => {
    const from = notes('a', 'b');
    const to = notes('x');
    from.Items[0]!.Collection = to;
    assert.deepEqual(texts(from), ['b']);
    assert.deepEqual(texts(to), ['x', 'a']);
    assert.equal(to.Items[1]!.ID, 1);
    const home = new TCollection(TCollectionItem);
    const stranger = home.Add();
    assert.throws(() => (stranger.Collection = to), EListError);
    assert.equal(stranger.Collection, home);
    assert.equal(home.Count, 1);
    assert.equal(to.Count, 2);
  });

  it('an item whose constructor throws does not stay', () => {
    const collection = new TCollection(
      class TBroken extends TNote {
        constructor(Collection: TCollection | null) {
          super(Collection);
          throw new Error('no');
        }
      },
    );
    assert.throws(() => collection.Add(), /no/);
    assert.equal(collection.Count, 0);
  });

  it('Owner and DisplayName', () => {
    const owner = {};
    assert.equal(new TOwnedCollection(owner, TNote).Owner, owner);
    assert.equal(notes('a').Owner, null);
    assert.equal(notes('a').Items[0]!.DisplayName, 'TNote');
  });
});
