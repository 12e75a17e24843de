// Medians, paired ratios and the table that is printed.

import type { Sample } from './measure';
import type { Floor, Measure, Opponent, Scenario } from './scenarios';

/** Both servers in one round, one right after the other. */
export interface Pair {
  ours: Sample;
  theirs: Sample;
}

export interface Row {
  cells: readonly string[];
  /** null: nothing was promised. */
  met: boolean | null;
}

const HEADER = [
  'scenario',
  'against',
  'measure',
  'ours',
  'node:net',
  'ratio (min–max)',
  'msg/s ours',
  'msg/s node:net',
  'floor',
  'met?',
];

// Columns of text; the others hold figures and are aligned to the right.
const TEXT_COLUMNS = new Set([0, 1, 2, 9]);

const UNITS: Record<Measure, string> = {
  cpu: 'CPU µs/msg',
  burst: 'ms, slowest',
  memory: 'RSS B/conn.',
  wall: 'µs/msg',
  choice: 'µs/handshake',
  start: 'CPU ms',
};

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? NaN;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? NaN;
  return (upper + lower) / 2;
}

export function makeRow(scenario: Scenario, opponent: Opponent, pairs: readonly Pair[]): Row {
  const ratios = pairs.map(({ ours, theirs }) => theirs.value / ours.value);
  const ratio = median(ratios);
  const ours = pairs.map((pair) => pair.ours);
  const theirs = pairs.map((pair) => pair.theirs);
  const met = isMet(opponent.floor, ratio, pairs);
  return {
    met,
    cells: [
      scenario.title,
      opponent.label,
      UNITS[scenario.measure],
      figure(median(ours.map((sample) => sample.value))),
      figure(median(theirs.map((sample) => sample.value))),
      `${ratio.toFixed(2)} (${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)})`,
      perSecond(ours),
      perSecond(theirs),
      floorText(opponent.floor),
      met === null ? '' : met ? 'yes' : 'NO',
    ],
  };
}

// A ratio and a difference are judged by their medians, an absolute limit by the worst round.
function isMet(floor: Floor, ratio: number, pairs: readonly Pair[]): boolean | null {
  if (floor === null) return null;
  if ('ratio' in floor) return ratio >= floor.ratio;
  if ('most' in floor) return pairs.every(({ ours }) => ours.value <= floor.most);
  return median(pairs.map(({ ours, theirs }) => ours.value - theirs.value)) <= floor.more;
}

function floorText(floor: Floor): string {
  if (floor === null) return '';
  if ('ratio' in floor) return `≥ ${floor.ratio}×`;
  return 'most' in floor ? `≤ ${floor.most}` : `≤ +${floor.more}`;
}

function figure(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(value >= 10 ? 1 : 2);
}

function perSecond(samples: readonly Sample[]): string {
  return Math.round(median(samples.map((sample) => sample.perSecond))).toLocaleString('en-US');
}

export function formatTable(rows: readonly Row[], markdown: boolean): string {
  const lines = [HEADER, ...rows.map((row) => row.cells)];
  const widths = HEADER.map((_, column) =>
    Math.max(...lines.map((cells) => (cells[column] ?? '').length)),
  );
  const pad = (text: string, column: number): string => {
    const width = widths[column] ?? 0;
    return TEXT_COLUMNS.has(column) ? text.padEnd(width) : text.padStart(width);
  };
  const rule = widths.map((width, column) =>
    TEXT_COLUMNS.has(column) ? '-'.repeat(width) : '-'.repeat(width - 1) + (markdown ? ':' : '-'),
  );
  const [left, middle, right] = markdown ? ['| ', ' | ', ' |'] : ['', '  ', ''];
  const body = lines.map((cells) => cells.map(pad));
  return [...body.slice(0, 1), rule, ...body.slice(1)]
    .map((cells) => (left + cells.join(middle) + right).trimEnd())
    .join('\n');
}
