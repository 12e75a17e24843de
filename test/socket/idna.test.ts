// IcsIDNAToASCII: host names with other letters than a … z.
import assert from 'node:assert/strict';
import { domainToASCII } from 'node:url';
import { IcsIDNAToASCII, IcsPunyToASCII, IcsToASCII } from '../../lib';
import { NO_TEXTS, longTexts } from './wrongTexts';

function converted(name: string, std3 = false): string | null {
  const failed = { Value: !name };
  const text = IcsIDNAToASCII(name, std3, failed);
  if (failed.Value) assert.equal(text, '');
  return failed.Value ? null : text;
}

const L63 = 'l'.repeat(63);

describe('IcsIDNAToASCII', () => {
  it('leaves a name in ASCII as it is', () => {
    for (const name of ['localhost', 'WWW.Example.COM', 'a_b.c', 'xn--mnchen-3ya.de', 'a..b', 'a.'])
      assert.equal(converted(name), name);
    assert.equal(IcsIDNAToASCII(''), '');
    assert.equal(converted(`${L63}.${L63}`), `${L63}.${L63}`);
  });

  it('writes the other labels in Punycode', () => {
    for (const [name, ascii] of [
      ['münchen', 'xn--mnchen-3ya'],
      ['www.münchen.DE.', 'www.xn--mnchen-3ya.DE.'],
      ['日本語.jp', 'xn--wgv71a119e.jp'],
      ['faß', 'xn--fa-hia'],
      ['😀.example', 'xn--e28h.example'],
      ['a_ü', 'xn--a_-yka'],
    ] as const)
      assert.equal(converted(name), ascii);
  });

  it('agrees with Node where nothing is to be folded', () => {
    const letters = ['a', 'z', '0', 'ü', 'é', 'λ', 'ж', '語', '한', '\u{20000}'];
    let seed = 1;
    const next = (limit: number): number => {
      seed = (seed * 48271) % 0x7fffffff;
      return seed % limit;
    };
    let compared = 0;
    for (let round = 0; round < 2000; round++) {
      const label = Array.from({ length: 1 + next(20) }, () => letters[next(letters.length)]);
      const expected = domainToASCII(`x${label.join('')}`);
      if (expected.length === 0 || expected.length > 63) continue;
      assert.equal(converted(`x${label.join('')}`), expected);
      compared++;
    }
    assert.ok(compared > 1000, `${compared} names compared`);
  });

  it('does not fold capitals outside ASCII', () => {
    assert.equal(converted('BÜCHER'), 'xn--BCHER-2pa');
    assert.equal(converted('Bücher'), 'xn--Bcher-kva');
  });

  it('takes ideographic and wide dots for dots', () => {
    assert.equal(converted('a\u3002b\uff0eü\uff61c'), 'a.b.xn--tda.c');
  });

  it('fails for labels and names the name service has no room for', () => {
    assert.equal(converted(`${L63}l.de`), null);
    assert.equal(converted(`ü.${L63}l`), null);
    assert.equal(converted('ü'.repeat(60)), null);
    assert.equal(converted(`${L63}.`.repeat(4).slice(0, 255)), `${L63}.`.repeat(4).slice(0, 255));
    assert.equal(converted(`${L63}.`.repeat(4)), null);
    for (const text of longTexts()) assert.equal(converted(text), null);
  });

  it('fails for what no name may contain', () => {
    for (const name of ['a\0b', 'ü\0', '\ud800', 'ü\udc00', '\udc00\ud800.de', 'xn--ü', 'XN--ü'])
      assert.equal(converted(name), null, JSON.stringify(name));
    for (const wrong of NO_TEXTS) {
      const failed = { Value: false };
      assert.equal(IcsIDNAToASCII(wrong, false, failed), '');
      assert.equal(failed.Value, true);
      assert.equal(IcsPunyToASCII(wrong), '');
    }
  });

  it('knows the rules of STD 3', () => {
    for (const name of ['a-b.c9', 'München.de', '日-本', 'a.', 'A--B'])
      assert.notEqual(converted(name, true), null, name);
    for (const name of [
      'a_b',
      'a b',
      '-a',
      'a-',
      'x.-ü',
      'ü-.x',
      'ü_',
      'a@b',
      'ü.a!',
      'a/b',
      '*.de',
    ])
      assert.equal(converted(name, true), null, name);
  });
});

describe('IcsPunyToASCII', () => {
  it('converts one label, and is called IcsToASCII as well', () => {
    assert.equal(IcsPunyToASCII('münchen'), 'xn--mnchen-3ya');
    assert.equal(IcsPunyToASCII('ü.'), 'xn--.-dha');
    assert.equal(IcsPunyToASCII('abc'), 'abc');
    assert.equal(IcsPunyToASCII(`${L63}l`), '');
    assert.equal(IcsToASCII, IcsPunyToASCII);
  });
});
