import { valuesOf, type Tensor } from '@edjm/onnx-autodiff';
import { expect } from 'vitest';

/** Relative to the largest element. */
const TOLERANCE = 1e-5;

/** Expects a tensor of the same type and shape whose elements agree to rounding in float32. */
export function expectClose(actual: Tensor, expected: Tensor): void {
  expect([actual.elementType, actual.shape]).toEqual([expected.elementType, expected.shape]);
  const values = valuesOf(expected);
  const largest = values.reduce(
    (size, value) => (Number.isFinite(value) ? Math.max(size, Math.abs(value)) : size),
    0,
  );
  const found = valuesOf(actual);
  const wrong = values.findIndex(
    (value, index) =>
      !Object.is(found[index], value) && !(Math.abs(found[index]! - value) <= TOLERANCE * largest),
  );
  expect(wrong < 0 ? [] : [wrong, found[wrong], values[wrong]]).toEqual([]);
}
