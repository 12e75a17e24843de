// TStringList: the list of texts.
import assert from 'node:assert/strict';
import { EIcsException, EStringListError, TStringList, TStrings } from '../../lib';

function listOf(...texts: string[]): TStringList {
  const list = new TStringList();
  for (const text of texts) list.Add(text);
  return list;
}

const NO_TEXT = [undefined, null, 7, {}, ['a'], Symbol('a')] as unknown as string[];
const NO_PLACE = [-1, 3, 0.5, NaN, Infinity, undefined, '0', Symbol('0')] as unknown as number[];

describe('TStringList', () => {
  it('keeps texts by position', () => {
    const list = new TStringList();
    assert.ok(list instanceof TStrings);
    assert.equal(list.Count, 0);
    assert.equal(list.Add('a'), 0);
    assert.equal(list.Add('c'), 1);
    list.Insert(1, 'b');
    list.Insert(3, 'd');
    assert.equal(list.Count, 4);
    assert.equal(list.Strings(1), 'b');
    assert.equal(list.Strings[3], 'd');
    list.Strings[1] = 'B';
    list.Delete(0);
    assert.deepEqual([...list], ['B', 'c', 'd']);
    assert.deepEqual(list.toArray(), ['B', 'c', 'd']);
    list.Clear();
    assert.equal(list.Count, 0);
  });

  it('raises EStringListError outside its range and stays as it is', () => {
    const list = listOf('a', 'b', 'c');
    for (const index of NO_PLACE)
      for (const call of [() => list.Strings(index), () => list.Delete(index)])
        assert.throws(call, EStringListError, String(index));
    for (const index of [-1, 3, 0.5]) {
      assert.throws(() => list.Strings[index], EStringListError);
      assert.throws(() => (list.Strings[index] = 'x'), EStringListError);
    }
    assert.throws(() => list.Insert(4, 'x'), EStringListError);
    assert.throws(() => list.Strings(5), { message: 'List index out of bounds (5)' });
    assert.throws(() => list.Strings(5), EIcsException);
    assert.deepEqual(list.toArray(), ['a', 'b', 'c']);
  });

  it('raises a TypeError for what is no text and stays as it is', () => {
    const list = listOf('a', 'b');
    for (const wrong of NO_TEXT)
      for (const call of [
        () => list.Add(wrong),
        () => list.Insert(0, wrong),
        () => (list.Strings[0] = wrong),
        () => (list.Text = wrong),
        () => (list.CommaText = wrong),
        () => list.AddStrings(['x', wrong]),
        () => list.Assign(['x', wrong]),
      ])
        assert.throws(call, TypeError);
    assert.throws(() => list.Assign('xy'), TypeError);
    assert.throws(() => list.AddStrings(null as unknown as string[]), TypeError);
    assert.deepEqual(list.toArray(), ['a', 'b']);
  });

  it('finds texts whatever their case, unless told otherwise', () => {
    const list = listOf('one', 'Two', 'two', '');
    assert.equal(list.IndexOf('TWO'), 1);
    assert.equal(list.IndexOf(''), 3);
    assert.equal(list.IndexOf('three'), -1);
    list.CaseSensitive = true;
    assert.equal(list.IndexOf('two'), 2);
    assert.equal(list.IndexOf('TWO'), -1);
    for (const wrong of NO_TEXT) assert.equal(list.IndexOf(wrong), -1);
  });

  it('sorts as it compares', () => {
    const list = listOf('b', 'B', 'a', 'C');
    list.Sort();
    assert.deepEqual(list.toArray(), ['a', 'b', 'B', 'C']);
    list.CaseSensitive = true;
    list.Sort();
    assert.deepEqual(list.toArray(), ['B', 'C', 'a', 'b']);
  });

  it('is one text with CR LF behind every line', () => {
    assert.equal(new TStringList().Text, '');
    assert.equal(listOf('a', '', 'b').Text, 'a\r\n\r\nb\r\n');
    const list = listOf('old');
    for (const [text, lines] of [
      ['', []],
      ['a', ['a']],
      ['a\r\nb\nc\rd', ['a', 'b', 'c', 'd']],
      ['a\r\n', ['a']],
      ['\r\n', ['']],
      ['a\n\n', ['a', '']],
    ] as const) {
      list.Text = text;
      assert.deepEqual(list.toArray(), lines, JSON.stringify(text));
    }
  });

  it('is one line with commas', () => {
    for (const [texts, line] of [
      [[], ''],
      [[''], '""'],
      [['', ''], ','],
      [['a', 'b'], 'a,b'],
      [['a b', 'c,d', 'e"f', ''], '"a b","c,d","e""f",'],
      [['a\r\nb', '"'], '"a\r\nb",""""'],
    ] as const) {
      const list = listOf(...texts);
      assert.equal(list.CommaText, line);
      list.CommaText = line;
      assert.deepEqual(list.toArray(), texts, line);
    }
  });

  it('reads lines with blanks, gaps and missing quotes', () => {
    const list = new TStringList();
    for (const [line, texts] of [
      ['  ', []],
      ['a b\tc', ['a', 'b', 'c']],
      [' a , b ', ['a', 'b']],
      ['a,,b', ['a', '', 'b']],
      ['a,', ['a', '']],
      [',', ['', '']],
      ['"a"b', ['a', 'b']],
      ['a"b', ['a"b']],
      ['"a', ['a']],
      ['"', ['']],
      ['"a""', ['a"']],
      ['"a\0b"', ['a\0b']],
    ] as const) {
      list.CommaText = line;
      assert.deepEqual(list.toArray(), texts, line);
    }
  });

  it('reads lines of any length in time that grows with it', () => {
    const list = new TStringList();
    for (const part of ['"', '""', ' ', ',', '" ', 'a', '\r', '\n'].map((one) => one.repeat(1e6))) {
      list.CommaText = part;
      list.Text = part;
    }
    assert.equal(list.Count, 1e6);
  });

  it('takes over the texts of other lists', () => {
    const list = listOf('a', 'b');
    const other = listOf('c');
    other.AddStrings(list);
    assert.deepEqual(other.toArray(), ['c', 'a', 'b']);
    list.Assign(other);
    other.Clear();
    list.Assign(list);
    list.AddStrings(list);
    assert.deepEqual(list.toArray(), ['c', 'a', 'b', 'c', 'a', 'b']);
    list.Free();
    assert.equal(list.Count, 0);
  });

  it('looks up texts only where it is asked for one', () => {
    const { Strings } = listOf('a');
    assert.equal(typeof Strings, 'function');
    assert.equal(Symbol.iterator in Strings, false);
    assert.equal((Strings as unknown as { unknown?: unknown }).unknown, undefined);
  });
});
