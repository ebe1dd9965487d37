import { allFinite, type FloatArray } from '@edjm/linalg';
import { EdjmError } from '../contracts/errors.ts';
import type { ParameterValues } from '../contracts/trainable.ts';

/**
 * The shape of the tensor of a name, for backends whose networks train.
 *
 * @throws EdjmError `NOT_FOUND` for a name that is not among those known.
 */
export function knownShape(
  network: string,
  shapes: ReadonlyMap<string, readonly number[]>,
  name: string,
): readonly number[] {
  const shape = shapes.get(name);
  if (shape !== undefined) return shape;
  throw new EdjmError(
    'NOT_FOUND',
    `${network}: expected a name among ${[...shapes.keys()].join(', ') || 'none'}, got "${name}". Take a name of this network.`,
  );
}

/**
 * Refuses values that do not fit their tensor, for backends whose networks train.
 *
 * @throws EdjmError `NOT_FOUND` as {@link knownShape}, `SHAPE_MISMATCH` for another shape.
 */
export function checkNamedValues(
  network: string,
  shapes: ReadonlyMap<string, readonly number[]>,
  values: ReadonlyMap<string, ParameterValues>,
): void {
  for (const [name, { shape, data }] of values) {
    const expected = knownShape(network, shapes, name);
    const length = expected.reduce((product, size) => product * size, 1);
    if (shape.join() === expected.join() && data.length === length) continue;
    throw new EdjmError(
      'SHAPE_MISMATCH',
      `${network}: expected [${expected.join(', ')}] for ${name}, got [${shape.join(', ')}] with ${data.length} numbers. Give values of that shape, in row-major order.`,
    );
  }
}

/**
 * Refuses values that are no numbers, for backends whose networks train.
 *
 * @param what - for the message, such as `'samples'`.
 * @throws EdjmError `INVALID_DATA`.
 */
export function checkFiniteValues(network: string, values: FloatArray, what: string): void {
  if (allFinite(values)) return;
  throw new EdjmError(
    'INVALID_DATA',
    `${network}: expected ${what} that are finite, got NaN or an infinity. The parameters are as before.`,
  );
}

/**
 * Refuses gradients that are no numbers, for backends whose networks train.
 *
 * @throws EdjmError `INVALID_DATA`.
 */
export function checkGradients(network: string, gradients: ReadonlyMap<string, FloatArray>): void {
  for (const [name, values] of gradients) checkFiniteValues(network, values, `gradients of ${name}`);
}
