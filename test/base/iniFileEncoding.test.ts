// TMemIniFile: the bytes an INI file may consist of.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, truncateSync } from 'node:fs';
import path from 'node:path';
import { EIniFileException, TMemIniFile } from '../../lib';
import { tempDir, tempFile } from '../support/certificates';

const TEXT = '[ä]\r\nstraße=€ ž\r\n';
const BIG_ENDIAN = Buffer.from(`\ufeff${TEXT}`, 'utf16le').swap16();

const FILES: [string, Buffer][] = [
  ['UTF-8', Buffer.from(TEXT)],
  ['UTF-8 with a byte order mark', Buffer.from(`\ufeff${TEXT}`)],
  ['UTF-16', Buffer.from(`\ufeff${TEXT}`, 'utf16le')],
  ['UTF-16, high byte first', BIG_ENDIAN],
  ['Windows-1252', Buffer.from('[\xe4]\r\nstra\xdfe=\x80 \x9e\r\n', 'latin1')],
];

describe('The encoding of a TMemIniFile', () => {
  for (const [name, bytes] of FILES)
    it(`may be ${name}, and stays so`, () => {
      const file = tempFile('a.ini', bytes);
      const ini = new TMemIniFile(file);
      assert.equal(ini.ReadString('Ä', 'STRASSE', 'none'), 'none');
      assert.equal(ini.ReadString('Ä', 'Straße', ''), '€ ž');
      ini.UpdateFile();
      assert.deepEqual(readFileSync(file), bytes);
    });

  it('becomes UTF-8 when Windows-1252 cannot hold a new value', () => {
    const file = tempFile('a.ini', FILES[4]![1]);
    const ini = new TMemIniFile(file);
    ini.WriteString('ä', 'new', '日本');
    ini.UpdateFile();
    assert.equal(readFileSync(file, 'utf8'), `${TEXT}new=日本\r\n`);
    assert.equal(new TMemIniFile(file).ReadString('ä', 'straße', ''), '€ ž');
  });

  it('becomes UTF-8 when the bytes of Windows-1252 would be taken for UTF-8', () => {
    const file = tempFile('a.ini', Buffer.from('[a]\nb=\xff\n', 'latin1'));
    const ini = new TMemIniFile(file);
    ini.WriteString('a', 'b', 'Ã©');
    ini.UpdateFile();
    assert.equal(new TMemIniFile(file).ReadString('a', 'b', ''), 'Ã©');
  });

  it('may hold NUL bytes and lines of megabytes', () => {
    const long = 'x'.repeat(4_000_000);
    const ini = new TMemIniFile(tempFile('a.ini', `[a]\0\nb\0=${long}\nc=1\0\0\n`));
    assert.equal(ini.ReadString('a', 'b', '').length, 4_000_000);
    assert.equal(ini.ReadString('a', 'c', ''), '1');
  });

  it('knows the line breaks of all systems', () => {
    const ini = new TMemIniFile(tempFile('a.ini', '[a]\rb=1\nc=2\r\nd=3'));
    const values = [...'bcd'].map((key) => ini.ReadInteger('a', key));
    assert.deepEqual(values, [1, 2, 3]);
  });
});

describe('A TMemIniFile of a file', () => {
  it('that does not exist is empty', () => {
    const ini = new TMemIniFile(path.join(tempDir(), 'none.ini'));
    assert.equal(ini.SectionExists(''), false);
    assert.equal(ini.Modified, false);
  });

  it('that cannot be read raises EIniFileException at once', () => {
    const folder = tempDir();
    const pipe = path.join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const large = tempFile('large.ini', '');
    truncateSync(large, 16 * 1024 * 1024 + 1);
    for (const [name, reason] of [
      [folder, 'not an ordinary file'],
      [pipe, 'not an ordinary file'],
      [large, 'the limit is'],
      ['a\0b', 'NUL'],
      [path.join(large, 'a.ini'), 'ENOTDIR'],
    ] as const)
      assert.throws(
        () => new TMemIniFile(name),
        (error) => error instanceof EIniFileException && error.message.includes(reason),
        reason,
      );
    assert.throws(() => new TMemIniFile(7 as unknown as string), TypeError);
  });
});
