import { EdjmError } from '@edjm/core';

/** Shape of one sample, and the batch size if the model has a fixed one. */
export interface InputShape {
  readonly inputShape: readonly number[];
  readonly fixedBatchSize?: number;
}

/**
 * The shape of the input, [n, …], from the model and the caller.
 *
 * @param declared - sizes that are left open are negative, null or undefined.
 * @throws EdjmError `INVALID_ARGUMENT` if a size is open and not given, or given and another one.
 */
export function resolveInputShape(
  model: string,
  declared: readonly (number | null | undefined)[],
  given: readonly number[] | undefined,
): InputShape {
  const [batch, ...sizes] = declared;
  const fixed = (size: number | null | undefined): size is number => typeof size === 'number' && size >= 0;
  const fits = given?.length === sizes.length && sizes.every((size, i) => !fixed(size) || size === given[i]);
  const shape = given ?? sizes;
  if ((given === undefined || fits) && shape.every((size) => fixed(size) && size > 0)) {
    return { inputShape: shape.filter(fixed), ...(fixed(batch) && { fixedBatchSize: batch }) };
  }
  const written = sizes.map((size) => (fixed(size) ? String(size) : '?')).join(' × ');
  throw new EdjmError(
    'INVALID_ARGUMENT',
    given === undefined
      ? `${model}: expected the shape of one sample, which the model leaves open (${written}). Give it by the option 'inputShape' (--input-shape SHAPE).`
      : `${model}: expected a shape that fits ${written}, got ${given.join(' × ')}. Correct the option 'inputShape' (--input-shape SHAPE), or leave it out.`,
  );
}
