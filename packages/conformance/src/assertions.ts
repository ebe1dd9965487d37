import { type DenseMatrix, EdjmError, type EdjmErrorCode } from '@edjm/core';
import { largestMagnitude } from './reference/matrices.ts';

/** Fails with a message where a condition does not hold. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(message);
}

/** Fails if two plain values differ. */
export function assertEqual<T extends string | number>(got: T, expected: T, what: string): void {
  assert(got === expected, `${what}: expected ${expected}, got ${got}`);
}

/** Two matrices to compare. */
interface Comparison {
  readonly got: DenseMatrix;
  readonly expected: DenseMatrix;
  /** The scale of errors. Defaults to the largest expected magnitude; 0 stands for 1. */
  readonly scale?: number;
}

/** Fails if two matrices differ in shape, or anywhere by more than `tolerance` times the scale. NaN agrees with nothing. */
export function assertClose(comparison: Comparison, tolerance: number, what: string): void {
  const { got, expected, scale = largestMagnitude(expected) } = comparison;
  const { rows, columns } = expected;
  assert(
    got.rows === rows && got.columns === columns && got.data.length === rows * columns,
    `${what}: expected ${rows} × ${columns} values, got ${got.rows} × ${got.columns} in an array of ${got.data.length}`,
  );
  for (const [k, value] of expected.data.entries()) {
    const actual = got.data[k] as number;
    const error = Math.abs(actual - value) / (scale || 1);
    assert(
      error <= tolerance,
      `${what}: expected ${value} in row ${Math.floor(k / columns)}, column ${k % columns}, got ${actual}: ` +
        `off by ${error.toExponential(1)} of the largest value, where ${tolerance.toExponential(0)} is allowed`,
    );
  }
}

/** Fails unless a call rejects with an `EdjmError`, of the given code if one is named. */
export async function assertRefused(
  call: () => Promise<unknown>,
  what: string,
  code?: EdjmErrorCode,
): Promise<void> {
  const expected = code === undefined ? 'an EdjmError' : `an EdjmError with code ${code}`;
  let outcome: unknown = 'a result';
  try {
    await call();
  } catch (error) {
    outcome = error;
  }
  assert(EdjmError.is(outcome, code), `${what}: expected ${expected}, got ${String(outcome)}`);
}
