import { EdjmError } from '@edjm/core';
import Table from 'cli-table3';
import { oneLine } from './series.ts';
import { heading } from './ansi.ts';

/** One line of a table: a label and its numbers by name. */
export interface ComparisonRow {
  /** Such as a model's name. */
  readonly label: string;
  /** Numbers by column title, such as `{ 'edjm-score': 7.35 }`; text stays as it is. */
  readonly values: Readonly<Record<string, number | string>>;
}

/** Options of `comparisonTable`. */
export interface TableOptions {
  /** Title of the first column; defaults to `'model'`. */
  readonly labelTitle?: string;
  /** Significant digits of numbers, 1 to 21; defaults to 5. */
  readonly digits?: number;
  /** Whether to set titles in bold with ANSI sequences; defaults to false. */
  readonly color?: boolean;
}

const NO_VALUE = '–';
/** No lines but one below the titles. */
const LINES = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '─',
  'mid-mid': '──',
  middle: '  ',
  right: '',
  'right-mid': '',
};

/**
 * Compares networks in a table of text: a line each, a column for every name in `values`, in the order of first
 * appearance. Numbers stand to the right; a value that a row lacks is a dash.
 *
 * @throws EdjmError `INVALID_ARGUMENT` for no rows, or digits outside 1 to 21.
 *
 * @example
 * ```ts
 * import { comparisonTable } from '@edjm/plot';
 *
 * const rows = [
 *   { label: '1 × 240', values: { 'edjm-score': 4.25, accuracy: 0.961 } },
 *   { label: '2 × 120', values: { 'edjm-score': 5.49, accuracy: 0.964 } },
 * ];
 * console.log(comparisonTable(rows));
 * ```
 */
export function comparisonTable(rows: readonly ComparisonRow[], options: TableOptions = {}): string {
  const { labelTitle = 'model', digits = 5, color = false } = options;
  if (rows.length === 0)
    throw new EdjmError('INVALID_ARGUMENT', 'expected at least one row to compare, got none.');
  if (!Number.isInteger(digits) || digits < 1 || digits > 21) {
    throw new EdjmError('INVALID_ARGUMENT', `expected 1 to 21 significant digits, got ${digits}.`);
  }
  const columns = [...new Set(rows.flatMap(({ values }) => Object.keys(values)))];
  const table = new Table({
    head: [labelTitle, ...columns].map((title) => heading(oneLine(title), color)),
    chars: LINES,
    style: { compact: true, 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
    colAligns: ['left', ...columns.map(() => 'right' as const)],
  });
  for (const { label, values } of rows) {
    table.push([oneLine(label), ...columns.map((column) => format(values[column], digits))]);
  }
  return table.toString();
}

function format(value: number | string | undefined, digits: number): string {
  if (value === undefined) return NO_VALUE;
  if (typeof value === 'string') return oneLine(value);
  return Math.abs(value) >= 10 ** digits && Number.isFinite(value)
    ? value.toFixed(0)
    : value.toPrecision(digits);
}
