// TMemIniFile: promises that hold for any text and any values.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { TMemIniFile, TStringList } from '../../lib';
import { decodeIni, encodeIni } from '../../lib/base/iniText';
import { tempFile } from '../support/certificates';

const piece = fc.oneof(
  fc.constantFrom('[', ']', '=', ';', '"', ' ', '\t', '\0', '\r', '\n', '\r\n', '[a]', 'k=1', 'ß'),
  fc.string({ unit: 'binary', maxLength: 5 }),
);
const anyText = fc.array(piece, { maxLength: 60 }).map((parts) => parts.join(''));
const name = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 8 })
  .map((text) => text.replace(/[\0-\x20=;[\]]/g, ''))
  .filter((text) => text !== '');
const value = fc
  .string({ unit: 'grapheme', maxLength: 20 })
  .map((text) => text.replace(/[\r\n]/g, '').replace(/^[\0-\x20]+|[\0-\x20]+$/g, ''));

function loaded(text: string): TMemIniFile {
  const ini = new TMemIniFile('');
  const list = new TStringList();
  list.Text = text;
  ini.SetStrings(list);
  return ini;
}

/** Everything one can read, with names in lower case. */
function contents(ini: TMemIniFile): Record<string, Record<string, string>> {
  const sections = new TStringList();
  ini.ReadSections(sections);
  const all: Record<string, Record<string, string>> = Object.create(null) as never;
  for (const section of sections) {
    const keys = new TStringList();
    ini.ReadSection(section, keys);
    const values: Record<string, string> = Object.create(null) as never;
    for (const key of keys) values[key.toLowerCase()] = ini.ReadString(section, key, '(none)');
    all[section.toLowerCase()] = values;
  }
  return all;
}

describe('Property: TMemIniFile', () => {
  it('reads any text, and what it writes back means the same', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const ini = loaded(text);
        const written = new TStringList();
        ini.GetStrings(written);
        assert.deepEqual(contents(loaded(written.Text)), contents(ini));
        ini.ReadInteger('a', 'k');
        ini.ReadFloat('a', 'k');
      }),
      { numRuns: 500 },
    );
  });

  it('reads any bytes, and encodes them so that they read the same', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const { text, encoding } = decodeIni(Buffer.from(bytes));
        assert.equal(decodeIni(encodeIni(text, encoding)).text, text);
      }),
      { numRuns: 500 },
    );
  });

  it('finds in the file what was written, whatever the file held before', () => {
    const writes = fc.array(fc.tuple(name, name, value), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(anyText, writes, (text, triples) => {
        const ini = new TMemIniFile(tempFile('a.ini', text));
        const expected = new Map<string, string>();
        for (const [section, ident, wanted] of triples) {
          ini.WriteString(section, ident, wanted);
          expected.set(`${section}\n${ident}`.toLowerCase(), wanted);
        }
        ini.UpdateFile();
        const again = new TMemIniFile(ini.FileName);
        for (const [place, wanted] of expected) {
          const [section, ident] = place.split('\n');
          assert.equal(again.ReadString(section!, ident!, '(none)'), wanted);
        }
        assert.deepEqual(contents(again), contents(ini));
      }),
      { numRuns: 60 },
    );
  });

  it('gives the same values however the names are spelled and spaced', () => {
    const blank = fc.constantFrom('', ' ', '\t', '   ');
    const entries = fc.array(fc.tuple(fc.constantFrom('Hosts', 'SslCert', 'Descr'), value, blank));
    fc.assert(
      fc.property(entries, blank, fc.boolean(), (lines, gap, upper) => {
        const spelled = (text: string): string => (upper ? text.toUpperCase() : text.toLowerCase());
        const plain = lines.map(([key, text]) => `${key}=${text}`);
        const odd = lines.map(
          ([key, text, more]) => `${more}${spelled(key)}${gap}=${more}${text}${gap}`,
        );
        const a = loaded(['[Host1]', ...plain].join('\n'));
        const b = loaded([`${gap}[${gap}${spelled('Host1')}${gap}]${gap}`, ...odd].join('\n'));
        assert.deepEqual(contents(b), contents(a));
      }),
      { numRuns: 300 },
    );
  });
});
