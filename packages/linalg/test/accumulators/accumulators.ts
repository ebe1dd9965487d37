import { expect } from 'vitest';
import {
  type DenseMatrix,
  dualAccumulator,
  frequentDirectionsAccumulator,
  gramAccumulator,
  type Spectrum,
  type SpectrumAccumulator,
  tsqrAccumulator,
} from '../../src/index.ts';

export type Factory = (columns: number) => SpectrumAccumulator;

/** Every method, with room for 1,100 rows. */
export const methods: readonly (readonly [string, Factory])[] = [
  ['gramAccumulator', gramAccumulator],
  ['dualAccumulator', (columns) => dualAccumulator(columns, 1100)],
  ['tsqrAccumulator', tsqrAccumulator],
  [
    'frequentDirectionsAccumulator, all directions',
    (columns) => frequentDirectionsAccumulator(columns, { directions: 1100 }),
  ],
  [
    'frequentDirectionsAccumulator, three directions',
    (columns) => frequentDirectionsAccumulator(columns, { directions: 3 }),
  ],
];

/** Those that leave nothing out. */
export const exactMethods: typeof methods = methods.slice(0, -1);

export function accumulatorOf(factory: Factory, ...blocks: readonly DenseMatrix[]): SpectrumAccumulator {
  const accumulator = factory(blocks[0]!.columns);
  for (const block of blocks) accumulator.add(block);
  return accumulator;
}

/** Expects each value to be as near to the true one as its bound says. */
export function expectWithinBounds(
  { singularValues, errorBounds }: Spectrum,
  expected: ArrayLike<number>,
): void {
  expect(singularValues).toHaveLength(expected.length);
  expect(errorBounds).toHaveLength(expected.length);
  const outside = Array.from(singularValues.keys(), (i) => ({
    i,
    value: singularValues[i]!,
    expected: expected[i]!,
    bound: errorBounds[i]!,
  })).filter(({ value, expected, bound }) => !(Math.abs(value - expected) <= bound));
  expect(outside).toEqual([]);
}

/** Expects two spectra of the same rows to agree as their bounds say. */
export function expectSame(a: Spectrum, b: Spectrum): void {
  expect(a.rows).toBe(b.rows);
  expectWithinBounds(
    { ...a, errorBounds: a.errorBounds.map((bound, i) => bound + b.errorBounds[i]!) },
    b.singularValues,
  );
}
