import { EdjmError } from '@edjm/core';

/** Sizes of a sample's axes: `[d]`, or `[C, H, W]` for images. */
export type Shape = readonly number[];

/**
 * The number of values in an array of a shape: the product of its entries, 1 for `[]`.
 *
 * @example
 * ```ts
 * import { valueCount } from '@edjm/network';
 *
 * console.log(valueCount([3, 32, 32])); // 3072
 * ```
 */
export function valueCount(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** @throws `INVALID_ARGUMENT` if a size is no positive integer; `what` names the sizes in the message. */
export function checkSizes(sizes: readonly number[], what: string): void {
  if (!sizes.every((size) => Number.isSafeInteger(size) && size > 0)) {
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `${what}: expected positive integers, got ${formatShape(sizes)}.`,
    );
  }
}

/** A shape as people write it, such as `[3, 32, 32]`. */
export function formatShape(shape: readonly number[]): string {
  return `[${shape.join(', ')}]`;
}
