import type { OutputGroups } from '../contracts/head.ts';

/** A transposition of a tensor of some shape: axis j of the result is axis `perm[j]` of the tensor. */
export interface Transposition {
  readonly shape: readonly number[];
  readonly perm: readonly number[];
}

/** A softmax, and what moves its values before they are outputs. */
export interface SoftmaxPlace {
  /** Of the tensor that is normalized, with all samples. */
  readonly shape: readonly number[];
  /** From the front. */
  readonly axis: number;
  /** In order. Whatever only changes the shape moves no value. */
  readonly transpositions: readonly Transposition[];
  /** Number of samples, the first axis of the outputs. */
  readonly n: number;
}

/**
 * The outputs that a softmax along an axis normalizes together.
 *
 * @returns undefined if they are no groups of one size and stride in each sample, which `Head` could tell.
 */
export function softmaxGroups(softmax: SoftmaxPlace): OutputGroups | undefined {
  const { shape, axis, transpositions, n } = softmax;
  const size = shape[axis] ?? 1;
  const inner = product(shape.slice(axis + 1));
  const untouched: readonly number[] = Array.from({ length: product(shape) }, (_, place) => place);
  const groups = transpositions
    .reduce(transposed, untouched)
    .map((place) => Math.floor(place / (size * inner)) * inner + (place % inner));
  const dOut = groups.length / n;
  const stride = size === 1 ? 1 : groups.indexOf(groups[0] ?? 0, 1);
  const span = size * stride;
  if (stride < 1 || dOut % span !== 0) return undefined;
  const isRegular = groups.every((group, place) => {
    const output = place % dOut;
    return group === groups[place - output + Math.floor(output / span) * span + (output % stride)];
  });
  return isRegular ? { size, stride } : undefined;
}

/** Values in the order of the transposed tensor. */
function transposed(values: readonly number[], { shape, perm }: Transposition): readonly number[] {
  const sizes = perm.map((axis) => shape[axis] ?? 1);
  const steps = perm.map((axis) => product(shape.slice(axis + 1)));
  return values.map((_, place) => {
    let rest = place;
    let from = 0;
    for (let axis = sizes.length - 1; axis >= 0; axis--) {
      const length = sizes[axis] ?? 1;
      from += (rest % length) * (steps[axis] ?? 1);
      rest = Math.floor(rest / length);
    }
    return values[from] ?? 0;
  });
}

function product(sizes: readonly number[]): number {
  return sizes.reduce((total, size) => total * size, 1);
}
