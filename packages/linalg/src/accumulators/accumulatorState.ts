import { checkCount } from '../matrix/checkMatrix.ts';
import type { AccumulatorMethod } from './spectrumAccumulator.ts';

/** The state of an accumulator, for transport. */
export interface AccumulatorState {
  readonly method: AccumulatorMethod;
  /** d. */
  readonly columns: number;
  /** n. */
  readonly rows: number;
  /** Numbers of the method's own, such as parts of its error bound; never NaN. */
  readonly counters: readonly number[];
  /** The entries of its matrix, all finite. */
  readonly entries: Float64Array;
}

/** "edjm acc" */
const MAGIC = Uint8Array.of(0x65, 0x64, 0x6a, 0x6d, 0x20, 0x61, 0x63, 0x63);

const VERSION = 1;

/** The method's number is its place here: new ones go to the end. */
const METHODS: readonly AccumulatorMethod[] = ['gram', 'dual', 'tsqr', 'frequent-directions'];

/**
 * The layout, little-endian: 8 bytes of name, then uint16 version, uint16 method, uint32 number of counters, then
 * float64 columns, rows, counters, and entries up to the end.
 */
const OFFSET = { version: 8, method: 10, counters: 12, columns: 16, rows: 24, numbers: 32 } as const;

/** @throws RangeError if an entry is not finite. */
export function bytesOfState(state: AccumulatorState): Uint8Array {
  const { method, columns, rows, counters, entries } = state;
  const view = new DataView(new ArrayBuffer(OFFSET.numbers + 8 * (counters.length + entries.length)));
  MAGIC.forEach((byte, at) => {
    view.setUint8(at, byte);
  });
  view.setUint16(OFFSET.version, VERSION, true);
  view.setUint16(OFFSET.method, METHODS.indexOf(method), true);
  view.setUint32(OFFSET.counters, counters.length, true);
  view.setFloat64(OFFSET.columns, columns, true);
  view.setFloat64(OFFSET.rows, rows, true);
  let at: number = OFFSET.numbers;
  for (const counter of counters) {
    view.setFloat64(at, counter, true);
    at += 8;
  }
  for (let i = 0; i < entries.length; i++, at += 8) {
    const entry = entries[i] as number;
    if (!Number.isFinite(entry)) {
      throw new RangeError(
        `expected finite numbers, got ${entry} where the squares of rows have overflowed. Scale the rows.`,
      );
    }
    view.setFloat64(at, entry, true);
  }
  return new Uint8Array(view.buffer);
}

/**
 * Reads bytes of {@link bytesOfState}. Allocates nothing larger than the bytes themselves.
 *
 * @throws RangeError if it cannot have written them.
 */
export function stateOfBytes(bytes: Uint8Array): AccumulatorState {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < OFFSET.numbers || MAGIC.some((byte, at) => byte !== bytes[at])) {
    throw new RangeError(
      `expected the bytes of an accumulator, got ${bytes.length} others. Give what its toBytes() returned.`,
    );
  }
  const version = view.getUint16(OFFSET.version, true);
  if (version !== VERSION) {
    throw new RangeError(
      `expected accumulator bytes of version ${VERSION}, got ${version}. Read them with the release that wrote them.`,
    );
  }
  const method = METHODS[view.getUint16(OFFSET.method, true)];
  if (method === undefined) {
    throw new RangeError(
      `expected one of ${METHODS.length} methods, got number ${view.getUint16(OFFSET.method, true)}. The bytes are damaged.`,
    );
  }
  const columns = view.getFloat64(OFFSET.columns, true);
  const rows = view.getFloat64(OFFSET.rows, true);
  checkCount(columns, 'the number of columns', 1);
  checkCount(rows, 'the number of rows', 0);
  const numbers = (bytes.length - OFFSET.numbers) / 8;
  const counters = view.getUint32(OFFSET.counters, true);
  if (!Number.isInteger(numbers) || counters > numbers) {
    throw new RangeError(
      `expected ${counters} counters and whole numbers after them, got ${numbers}. The bytes are cut off or damaged.`,
    );
  }
  return {
    method,
    columns,
    rows,
    counters: Array.from({ length: counters }, (_, i) => numberAt(view, i, 'a counter')),
    entries: entriesFrom(view, counters, numbers - counters),
  };
}

/** Refuses a state with another number of counters or entries. */
export function checkState(
  state: AccumulatorState,
  expected: { readonly counters: number; readonly entries: number },
): void {
  const { method, columns, rows, counters, entries } = state;
  if (counters.length !== expected.counters || entries.length !== expected.entries) {
    throw new RangeError(
      `expected ${expected.counters} counters and ${expected.entries} entries for ${method} of ${rows} × ${columns}, ` +
        `got ${counters.length} and ${entries.length}. The bytes are cut off or damaged.`,
    );
  }
}

/** Refuses a bound of an error, or another size, that is below 0. */
export function checkSize(value: number, what: string): void {
  if (!(value >= 0)) {
    throw new RangeError(`expected ${what} of at least 0, got ${value}. The bytes are damaged.`);
  }
}

function entriesFrom(view: DataView, first: number, length: number): Float64Array {
  const entries = new Float64Array(length);
  for (let i = 0; i < length; i++) {
    const entry = numberAt(view, first + i, `entry ${i}`);
    if (!Number.isFinite(entry)) {
      throw new RangeError(`expected finite entries, got ${entry} as entry ${i}. The bytes are damaged.`);
    }
    entries[i] = entry;
  }
  return entries;
}

function numberAt(view: DataView, index: number, what: string): number {
  const value = view.getFloat64(OFFSET.numbers + 8 * index, true);
  if (Number.isNaN(value))
    throw new RangeError(`expected numbers, got NaN as ${what}. The bytes are damaged.`);
  return value;
}
