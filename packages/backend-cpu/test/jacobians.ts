import { expect } from 'vitest';
import type { DifferentiableLayer } from '../src/differentiableLayer.ts';
import type { LayerFunction } from '../src/layerFunction.ts';

/** Balances the truncation error h² against the rounding error ε / h. */
const STEP = 1e-5;

/**
 * Checks the whole Jacobian at x: `jvp` against central differences, to `tolerance`, and `vjp` against `jvp`, to
 * rounding (which is the adjoint identity for all pairs of unit vectors).
 */
export function expectExactDerivatives(f: LayerFunction, x: Float64Array, tolerance = 1e-8): void {
  const { y, jvp, vjp } = f(x);
  const rows = Array.from(y, (_, k) => vjp(unit(y.length, k)));
  expect(rows.every((row) => row.length === x.length)).toBe(true);
  for (const j of x.keys()) {
    const column = jvp(unit(x.length, j));
    const step = (h: number): Float64Array => f(x.with(j, x[j]! + h)).y;
    const [above, below] = [step(STEP), step(-STEP)];
    const difference = above.map((value, k) => (value - below[k]!) / (2 * STEP));
    expect(largestGap(column, difference), `jvp, column ${j}`).toBeLessThan(tolerance);
    expect(
      largestGap(
        column,
        Float64Array.from(rows, (row) => row[j]!),
      ),
      `vjp, column ${j}`,
    ).toBeLessThan(1e-12);
  }
}

/** Checks first and second derivatives at x: those of the layer, and those of (x, ẋ) ↦ (f(x), J(x) ẋ) at some ẋ. */
export function expectExactLayer({ value, withTangent }: DifferentiableLayer, x: Float64Array): void {
  expectExactDerivatives(value, x);
  expectExactTangents({ value, withTangent }, x);
}

/** Checks that (x, ẋ) ↦ (f(x), J(x) ẋ) has the values of f and exact derivatives. */
export function expectExactTangents(
  { value, withTangent }: DifferentiableLayer,
  x: Float64Array,
  tolerance = 1e-8,
): void {
  const tangent = x.map((_, i) => Math.cos(i + 1));
  const both = Float64Array.of(...x, ...tangent);
  const { y, jvp } = value(x);
  expect(withTangent(both).y).toEqual(Float64Array.of(...y, ...jvp(tangent)));
  expectExactDerivatives(withTangent, both, tolerance);
}

/** NaN if the lengths differ, which is less than nothing. */
function largestGap(a: Float64Array, b: Float64Array): number {
  if (a.length !== b.length) return NaN;
  return a.reduce((gap, value, i) => Math.max(gap, Math.abs(value - b[i]!)), 0);
}

function unit(length: number, at: number): Float64Array {
  return new Float64Array(length).with(at, 1);
}
