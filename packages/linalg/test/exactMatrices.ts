import fc from 'fast-check';
import type { DenseMatrix } from '../src/index.ts';
import { descending, matrixOf, randomNumbers } from './matrices.ts';

/** A matrix whose entries and singular values are floating-point numbers without any rounding. */
export interface ExactMatrix {
  readonly matrix: DenseMatrix & { readonly data: Float64Array };
  /** All min(rows, columns), descending. */
  readonly values: readonly number[];
}

/** Entry (i, j) of a Hadamard matrix H of any order 2ᵏ: HᵀH is the order times the unit matrix. */
export function hadamard(i: number, j: number): number {
  let bits = i & j;
  let sign = 1;
  for (; bits > 0; bits &= bits - 1) sign = -sign;
  return sign;
}

/**
 * H D Hᵀ for the diagonal D of m given numbers, m a power of two: its singular values are m times these. Its entries
 * are exact where the numbers are multiples of one that is at least 2⁻⁵³ m of their sum.
 */
export function turned(diagonal: readonly number[]): ExactMatrix {
  const m = diagonal.length;
  return {
    matrix: matrixOf(m, m, (i, j) =>
      diagonal.reduce((sum, value, k) => sum + hadamard(i, k) * value * hadamard(k, j), 0),
    ),
    values: descending(diagonal.map((value) => m * Math.abs(value))),
  };
}

/** H D with H the first columns of a Hadamard matrix of 4ᵏ rows: its singular values are 2ᵏ times the given numbers. */
export function scaledColumns(rows: number, diagonal: readonly number[]): ExactMatrix {
  return {
    matrix: matrixOf(rows, diagonal.length, (i, j) => hadamard(i, j) * diagonal[j]!),
    values: descending(diagonal.map((value) => Math.sqrt(rows) * Math.abs(value))),
  };
}

export function transposedExact({ matrix, values }: ExactMatrix): ExactMatrix {
  const { rows, columns, data } = matrix;
  return { matrix: matrixOf(columns, rows, (i, j) => data[j * columns + i]!), values };
}

/** The matrix times a power of two. */
export function scaledExact({ matrix, values }: ExactMatrix, factor: number): ExactMatrix {
  return {
    matrix: { ...matrix, data: matrix.data.map((entry) => entry * factor) },
    values: values.map((value) => value * factor),
  };
}

/** Blocks along the diagonal, below and to the right of them zeros, rows and columns in random order and with random signs. */
export function blockMatrix(
  blocks: readonly ExactMatrix[],
  { zeroRows = 0, zeroColumns = 0, seed = 1 }: { zeroRows?: number; zeroColumns?: number; seed?: number },
): ExactMatrix {
  const rows = blocks.reduce((sum, { matrix }) => sum + matrix.rows, zeroRows);
  const columns = blocks.reduce((sum, { matrix }) => sum + matrix.columns, zeroColumns);
  const next = randomNumbers(seed);
  const rowPlaces = shuffled(rows, next);
  const columnPlaces = shuffled(columns, next);
  const rowSigns = Array.from({ length: rows }, () => (next() < 0 ? -1 : 1));
  const data = new Float64Array(rows * columns);
  let row = 0;
  let column = 0;
  for (const { matrix } of blocks) {
    for (let i = 0; i < matrix.rows; i++) {
      for (let j = 0; j < matrix.columns; j++) {
        const place = rowPlaces[row + i]! * columns + columnPlaces[column + j]!;
        data[place] = rowSigns[row + i]! * matrix.data[i * matrix.columns + j]!;
      }
    }
    row += matrix.rows;
    column += matrix.columns;
  }
  const count = Math.min(rows, columns);
  const values = descending(blocks.flatMap((block) => block.values));
  const zeros = new Array<number>(Math.max(0, count - values.length)).fill(0);
  return { matrix: { rows, columns, data }, values: [...values, ...zeros].slice(0, count) };
}

function shuffled(length: number, next: () => number): number[] {
  return Array.from({ length }, (_, place) => ({ place, turn: next() }))
    .sort((a, b) => a.turn - b.turn)
    .map(({ place }) => place);
}

const powers = (length: number, exponent: (i: number) => number): number[] =>
  Array.from({ length }, (_, i) => 2 ** exponent(i));

/** The matrices that spectra go wrong on. */
export const hardMatrices: readonly (readonly [string, ExactMatrix])[] = [
  ['graded from 1 to 1e-14', turned(powers(16, (i) => -3 * i))],
  [
    'graded columns, from 1 to 1e-14',
    scaledColumns(
      16,
      Array.from({ length: 15 }, (_, i) => 10 ** -i),
    ),
  ],
  [
    'graded rows, from 1 to 1e-14',
    transposedExact(
      scaledColumns(
        16,
        Array.from({ length: 15 }, (_, i) => 10 ** -i),
      ),
    ),
  ],
  ['rank 5 of 32', turned([5, 4, 3, 2, 1, ...new Array<number>(27).fill(0)])],
  ['rank 1, all ones', scaledColumns(64, [1])],
  ['rank 1 of 8 equal columns', turned([1, ...new Array<number>(7).fill(0)])],
  ['clusters', turned(powers(32, (i) => -Math.floor(i / 11)).map((value, i) => value + i * 2 ** -40))],
  ['all equal', scaledColumns(16, new Array<number>(16).fill(3))],
  ['the unit matrix', blockMatrix(new Array<ExactMatrix>(20).fill(turned([1])), {})],
  ['one row', transposedExact(scaledColumns(64, [0.1]))],
  ['one column', scaledColumns(64, [0.1])],
  ['one row of 256, whose squares round alike', transposedExact(scaledColumns(256, [0.7]))],
  ['one column of 256, whose squares round alike', scaledColumns(256, [0.7])],
  ['one entry', turned([0.1])],
  ['zero', blockMatrix([], { zeroRows: 9, zeroColumns: 7 })],
  ['a zero row', blockMatrix([], { zeroRows: 1, zeroColumns: 7 })],
  ['many rows', scaledColumns(1024, [3, 1, 1e-3, 1e-7, 1e-12, 0, 2])],
  ['many columns', transposedExact(scaledColumns(1024, [3, 1, 1e-3, 1e-7, 1e-12, 0, 2]))],
  ['1e150', scaledExact(turned([7, 3, 1, 0.5]), 2 ** 498)],
  ['1e-150', scaledExact(turned([7, 3, 1, 0.5]), 2 ** -498)],
  ['1e-155, where squares are denormal', scaledExact(turned([7, 3, 1, 0.5]), 2 ** -517)],
  ['1e-170, where squares vanish', scaledExact(turned([7, 3, 1, 0.5]), 2 ** -565)],
  ['many rows whose squares vanish', scaledExact(scaledColumns(1024, [1.4]), 2 ** -538)],
  ['many columns whose squares vanish', transposedExact(scaledExact(scaledColumns(1024, [1.4]), 2 ** -538))],
  ['denormals', scaledExact(turned([7, 3, 2, 1]), 2 ** -1074)],
  [
    'blocks of very different size',
    blockMatrix(
      [turned([1, 2 ** -10]), scaledExact(turned(powers(8, (i) => -i)), 2 ** -60), turned([2 ** 40])],
      { zeroRows: 30, zeroColumns: 2 },
    ),
  ],
];

const block = fc
  .record({
    order: fc.constantFrom(1, 2, 4, 8),
    factors: fc.array(fc.integer({ min: -7, max: 7 }), { minLength: 8, maxLength: 8 }),
    exponents: fc.array(fc.integer({ min: -40, max: 0 }), { minLength: 8, maxLength: 8 }),
  })
  .map(({ order, factors, exponents }) =>
    turned(Array.from({ length: order }, (_, i) => factors[i]! * 2 ** exponents[i]!)),
  );

/** Random matrices of up to some 40 rows and columns, with known singular values. */
export const exactMatrices: fc.Arbitrary<ExactMatrix> = fc
  .record({
    blocks: fc.array(block, { minLength: 1, maxLength: 5 }),
    zeroRows: fc.nat(6),
    zeroColumns: fc.nat(6),
    seed: fc.integer(),
  })
  .map(({ blocks, ...options }) => blockMatrix(blocks, options));
