// TMemIniFile, TIniFile: changing and writing.
import assert from 'node:assert/strict';
import { chmodSync, existsSync, lstatSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { symlinkSync } from 'node:fs';
import path from 'node:path';
import { EIniFileException, TIniFile, TMemIniFile, TStringList } from '../../lib';
import { tempDir, tempFile } from '../support/certificates';

const BEFORE = `; top
[A]
; about b
B = 1

[C]
d=2
`;

describe('TMemIniFile writes', () => {
  it('what was changed and leaves comments, order and layout alone', () => {
    const file = tempFile('a.ini', BEFORE);
    const ini = new TMemIniFile(file);
    ini.WriteInteger('a', 'b', 7);
    ini.WriteBool('A', 'new', true);
    ini.WriteFloat('c', 'e', 0.25);
    ini.WriteString('F', 'g', 'h i');
    assert.equal(ini.Modified, true);
    assert.equal(readFileSync(file, 'utf8'), BEFORE);
    ini.UpdateFile();
    assert.equal(ini.Modified, false);
    assert.equal(
      readFileSync(file, 'utf8'),
      '; top\n[A]\n; about b\nB=7\nnew=1\n\n[C]\nd=2\ne=0.25\n\n[F]\ng=h i\n',
    );
  });

  it('without keys and sections that were deleted, repetitions included', () => {
    const file = tempFile('a.ini', '[a]\nx=1\nX=2\ny=3\n[b]\nz=1\n[A]\nx=4\n');
    const ini = new TMemIniFile(file);
    ini.DeleteKey('a', 'x');
    ini.DeleteKey('a', 'absent');
    assert.equal(ini.ValueExists('a', 'x'), false);
    ini.UpdateFile();
    assert.equal(readFileSync(file, 'utf8'), '[a]\ny=3\n[b]\nz=1\n[A]\nx=4\n');
    ini.EraseSection('a');
    ini.UpdateFile();
    assert.equal(readFileSync(file, 'utf8'), '[b]\nz=1\n');
  });

  it('in one step: a link stays a link, rights stay, and nothing else is left in the folder', () => {
    const folder = tempDir();
    const file = tempFile('real.ini', BEFORE);
    chmodSync(file, 0o640);
    const link = path.join(folder, 'link.ini');
    symlinkSync(file, link);
    const ini = new TMemIniFile(link);
    ini.WriteString('A', 'B', '2');
    const before = statSync(file).ino;
    ini.UpdateFile();
    assert.ok(lstatSync(link).isSymbolicLink());
    assert.notEqual(statSync(file).ino, before);
    assert.equal(statSync(file).mode & 0o777, 0o640);
    assert.deepEqual(readdirSync(path.dirname(file)), ['real.ini']);
    assert.equal(new TMemIniFile(file).ReadString('a', 'b', ''), '2');
  });

  it('or raises EIniFileException and keeps what it has', () => {
    const ini = new TMemIniFile(path.join(tempDir(), 'absent', 'a.ini'));
    ini.WriteString('a', 'b', 'c');
    assert.throws(() => ini.UpdateFile(), EIniFileException);
    assert.equal(ini.Modified, true);
    assert.equal(ini.ReadString('a', 'b', ''), 'c');
    assert.throws(() => new TMemIniFile('').UpdateFile(), EIniFileException);
  });

  it('nothing an INI file cannot hold', () => {
    const ini = new TMemIniFile(tempFile('a.ini', BEFORE));
    for (const [section, ident, value] of [
      ['a', 'b', 'two\nlines'],
      ['a', 'b', 'c\r'],
      ['a\nb', 'b', ''],
      ['a', 'b\n', ''],
      ['a', '', 'x'],
      ['a', '  ', 'x'],
      ['a', 'b=c', 'x'],
      ['a', ';b', 'x'],
      ['a', ' [b', 'x]'],
    ] as const)
      assert.throws(() => ini.WriteString(section, ident, value), EIniFileException);
    for (const call of [
      () => ini.WriteString('a', 'b', 7 as unknown as string),
      () => ini.WriteInteger('a', 'b', 1.5),
      () => ini.WriteFloat('a', 'b', NaN),
    ])
      assert.throws(call, TypeError);
    assert.equal(ini.Modified, false);
    assert.equal(ini.ReadString('A', 'B', ''), '1');
  });

  it('what SetStrings brought, and GetStrings gives it back', () => {
    const ini = new TMemIniFile('');
    const lines = new TStringList();
    lines.Text = '[a]\r\nb=1\r\n';
    ini.SetStrings(lines);
    assert.equal(ini.ReadInteger('A', 'B'), 1);
    const list = new TStringList();
    ini.GetStrings(list);
    assert.deepEqual(list.toArray(), ['[a]', 'b=1']);
    const file = path.join(tempDir(), 'new.ini');
    ini.Rename(file, false);
    ini.UpdateFile();
    assert.deepEqual(readFileSync(file, 'utf8').split(/\r?\n/), ['[a]', 'b=1', '']);
    ini.Clear();
    assert.equal(ini.SectionExists('a'), false);
    ini.Rename(file, true);
    assert.equal(ini.SectionExists('a'), true);
    assert.throws(() => ini.Rename(path.dirname(file), true), EIniFileException);
    assert.equal(ini.FileName, file);
  });
});

describe('TIniFile', () => {
  it('has every change in the file at once', () => {
    const file = path.join(tempDir(), 'a.ini');
    const ini = new TIniFile(file);
    assert.equal(existsSync(file), false);
    ini.WriteString('a', 'b', 'c');
    assert.equal(new TIniFile(file).ReadString('a', 'b', ''), 'c');
    ini.DeleteKey('a', 'b');
    assert.equal(new TIniFile(file).ValueExists('a', 'b'), false);
  });
});
