// TMemIniFile: what Delphi's INI reader makes of a text.
import assert from 'node:assert/strict';
import { TIcsIniFile, TIniFile, TMemIniFile, TStringList } from '../../lib';
import { tempFile } from '../support/certificates';

function iniOf(...lines: string[]): TMemIniFile {
  return new TMemIniFile(tempFile('a.ini', lines.join('\r\n')));
}

function listed(fill: (list: TStringList) => void): string[] {
  const list = new TStringList();
  fill(list);
  return list.toArray();
}

describe('TMemIniFile reads', () => {
  it('names without regard to case and to blanks around them', () => {
    const ini = iniOf('  [ Host1 ]  ', ' \tHosts =  a.test, b.test \t');
    assert.equal(ini.ReadString('host1', 'HOSTS', ''), 'a.test, b.test');
    assert.equal(ini.ReadString(' HOST1 ', ' hosts ', ''), 'a.test, b.test');
    assert.equal(ini.SectionExists('HOST1'), true);
    assert.equal(ini.SectionExists('Host'), false);
    assert.equal(ini.ValueExists('Host1', 'hosts'), true);
    assert.equal(ini.ValueExists('Host1', 'host'), false);
  });

  it('everything behind the first equals sign as the value, quotes and semicolons included', () => {
    const ini = iniOf('[a]', 'b="c=d" ; e', 'path=C:\\certs\\a;b\\', 'empty=', '=nameless');
    assert.equal(ini.ReadString('a', 'b', ''), '"c=d" ; e');
    assert.equal(ini.ReadString('a', 'path', ''), 'C:\\certs\\a;b\\');
    assert.equal(ini.ReadString('a', 'empty', 'x'), '');
    assert.equal(ini.ReadString('a', 'absent', 'x'), 'x');
    assert.equal(ini.ReadString('absent', 'b', 'x'), 'x');
  });

  it('lines that begin with a semicolon, and lines above the first section, as nothing', () => {
    const ini = iniOf('above=1', '[a]', '  ; b=1', ';[c]', 'd=2');
    assert.deepEqual(
      listed((list) => ini.ReadSections(list)),
      ['a'],
    );
    assert.deepEqual(
      listed((list) => ini.ReadSection('a', list)),
      ['d'],
    );
    assert.equal(ini.ReadString('', 'above', 'no'), 'no');
  });

  it('[H-115] only the first of repeated sections and of repeated keys', () => {
    const ini = iniOf('[a]', 'k=1', 'K=2', '[b]', 'k=3', '[A]', 'k=4', 'new=5');
    assert.equal(ini.ReadString('a', 'k', ''), '1');
    assert.equal(ini.ReadString('a', 'new', 'none'), 'none');
    assert.deepEqual(
      listed((list) => ini.ReadSections(list)),
      ['a', 'b'],
    );
    assert.deepEqual(
      listed((list) => ini.ReadSectionValues('A', list)),
      ['k=1'],
    );
  });

  it('a header without its bracket as a key without a value', () => {
    const ini = iniOf('[a]', '[b', 'c=1', '[d] x');
    assert.equal(ini.ReadString('a', 'c', ''), '1');
    assert.equal(ini.SectionExists('b'), false);
    assert.equal(ini.ReadString('a', '[b', 'default'), 'default');
    assert.deepEqual(
      listed((list) => ini.ReadSectionValues('a', list)),
      ['[b', 'c=1', '[d] x'],
    );
  });

  it('integers as StrToInt does', () => {
    const cases: [string, number][] = [
      ['12', 12],
      ['-7', -7],
      ['+7', 7],
      ['$ff', 255],
      ['0xFF', 255],
      ['x10', 16],
      ['$FFFFFFFF', -1],
      ['2147483647', 2147483647],
      ['-2147483648', -2147483648],
      ['2147483648', 99],
      ['$100000000', 99],
      ['12x', 99],
      ['1.5', 99],
      ['', 99],
      ['1e3', 99],
      ['0', 0],
      ['-0', 0],
    ];
    const ini = iniOf('[a]', ...cases.map(([value], n) => `k${n}=${value}`));
    const read = cases.map((_, n) => ini.ReadInteger('a', `k${n}`, 99));
    assert.deepEqual(
      read,
      cases.map(([, number]) => number),
    );
  });

  it('booleans as numbers, so that a word gives the default', () => {
    const ini = iniOf('[a]', 'one=1', 'minus=-1', 'zero=0', 'word=True', 'none=');
    assert.equal(ini.ReadBool('a', 'one', false), true);
    assert.equal(ini.ReadBool('a', 'minus', false), true);
    assert.equal(ini.ReadBool('a', 'zero', true), false);
    for (const Default of [true, false])
      for (const key of ['word', 'none', 'absent'])
        assert.equal(ini.ReadBool('a', key, Default), Default, key);
  });

  it('floats with a point, and the default for anything else', () => {
    const ini = iniOf('[a]', 'a=1.5', 'b=-2e3', 'c=1,5', 'd=Infinity', 'e=', 'f=.5', 'g=0x10');
    const read = [...'abcdefg'].map((key) => ini.ReadFloat('a', key, 9));
    assert.deepEqual(read, [1.5, -2000, 9, 9, 9, 0.5, 9]);
  });

  it('with TIniFile, values without the quotes around them', () => {
    const file = tempFile('a.ini', '[a]\nb="c d"\nc=\'x\'\nd="half\ne="\nf=""\n');
    const ini = new TIniFile(file);
    const values = [...'bcdef'].map((key) => ini.ReadString('a', key, 'none'));
    assert.deepEqual(values, ['c d', 'x', '"half', '"', '']);
    assert.equal(ini.ReadString('a', 'z', '"none"'), '"none"');
    assert.equal(new TIcsIniFile(file).ReadString('a', 'b', ''), '"c d"');
  });
});
