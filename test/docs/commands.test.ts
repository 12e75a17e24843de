// The commands and links of README.md, docs/ and the other texts at the top lead somewhere.

import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { codeBlocks, documents, localLinks, npmScripts, readDocument, root } from './markdown';

const top = readdirSync(root).filter((name) => name.endsWith('.md'));
const all = [...new Set([...documents(), ...top])];
const { scripts } = JSON.parse(readDocument('package.json')) as {
  scripts: Record<string, string>;
};

describe('The documents', () => {
  for (const name of all) {
    it(`name only npm scripts that exist: ${name}`, () => {
      const unknown = npmScripts(readDocument(name)).filter((script) => !(script in scripts));
      assert.deepEqual(unknown, []);
    });

    it(`link only to files that exist: ${name}`, () => {
      const folder = path.dirname(path.join(root, name));
      const files = localLinks(readDocument(name)).map((target) => target.split('#')[0]!);
      const missing = files.filter((file) => !existsSync(path.join(folder, file)));
      assert.deepEqual(missing, []);
    });
  }

  for (const name of documents()) {
    it(`use in shell blocks only commands this test knows: ${name}`, () => {
      const shell = codeBlocks(readDocument(name)).filter(({ language }) => language === 'sh');
      const lines = shell.flatMap(({ text }) => text.split('\n')).filter((line) => line !== '');
      const known =
        /^(?:#|cd |git clone |(?:PORT=\d+ )?npm (?:install|start|test|run)\b|nc |telnet |ss |ulimit |apt-get |npx ics-hosts )/;
      assert.deepEqual(
        lines.filter((line) => !known.test(line)),
        [],
      );
    });
  }
});
