// Reads the documents of the repository: their code blocks, links and npm commands.

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export const root = path.join(__dirname, '..', '..');

export interface CodeBlock {
  readonly language: string;
  readonly text: string;
  /** Line of the document on which the text begins. */
  readonly line: number;
}

/** README.md and everything below docs/, with forward slashes, relative to the root. */
export function documents(): string[] {
  const below = readdirSync(path.join(root, 'docs'), { recursive: true, encoding: 'utf8' });
  const docs = below.map((name) => `docs/${name.replaceAll('\\', '/')}`).sort();
  return ['README.md', ...docs.filter((name) => name.endsWith('.md'))];
}

export function readDocument(name: string): string {
  return readFileSync(path.join(root, name), 'utf8');
}

export function codeBlocks(markdown: string): CodeBlock[] {
  const blocks: CodeBlock[] = [];
  let open: { language: string; line: number; lines: string[] } | null = null;
  for (const [index, line] of markdown.split('\n').entries()) {
    const fence = /^```(\w*)\s*$/.exec(line);
    if (open === null) {
      if (fence) open = { language: fence[1]!, line: index + 2, lines: [] };
    } else if (fence) {
      blocks.push({ ...open, text: open.lines.join('\n') });
      open = null;
    } else {
      open.lines.push(line);
    }
  }
  if (open !== null) throw new Error(`the code block of line ${open.line - 1} has no end`);
  return blocks;
}

export interface Program {
  readonly text: string;
  readonly line: number;
  /** What the program must print, in this order: the comments `// prints: …`. */
  readonly prints: string[];
  /** What a peer may say, and what it then hears: the comments `// try: line → answer`. */
  readonly tries: [string, string][];
}

/** A ts block without an import continues the block before it, so a text can explain step by step. */
export function programs(markdown: string): Program[] {
  const all: { text: string; line: number }[] = [];
  for (const { language, text, line } of codeBlocks(markdown)) {
    if (language !== 'ts') continue;
    const last = all.at(-1);
    if (last !== undefined && !/^import /m.test(text)) last.text += `\n${text}`;
    else all.push({ text, line });
  }
  return all.map((program) => ({
    ...program,
    prints: [...program.text.matchAll(/\/\/ prints: (.+)$/gm)].map(([, output]) => output!.trim()),
    tries: [...program.text.matchAll(/\/\/ try: (.*?) ?→ (.+)$/gm)].map(
      ([, line, answer]): [string, string] => [line!, answer!.trim()],
    ),
  }));
}

/** Everything of the form `npm start`, `npm test` or `npm run x`, in blocks and in the text. */
export function npmScripts(markdown: string): string[] {
  const used = markdown.matchAll(/\bnpm (?:run ([\w:-]+)|(start|test)\b)/g);
  return [...used].map(([, script, short]) => (script ?? short)!);
}

/** Targets of links to files of this repository. */
export function localLinks(markdown: string): string[] {
  const links = [...markdown.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!);
  return links.filter((target) => !/^(?:https?:|mailto:|#)/.test(target));
}
