/**
 * The adjoints of picking elements along an axis: they put elements at their places among zeros.
 */
import type { TensorBuilder } from '../../graph/tensorBuilder.ts';
import { sizeOf, tensorOf, type ElementType } from '../../model/tensor.ts';

/** Along one axis: `count` elements from `start` in steps of `step`. */
export interface Range {
  readonly start: number;
  readonly step: number;
  readonly count: number;
}

/** Surrounds a tensor with zeros, or crops it if a count is negative. */
export function zeroPad(
  builder: TensorBuilder,
  name: string,
  pads: { readonly begin: readonly number[]; readonly end: readonly number[] },
): string {
  if ([...pads.begin, ...pads.end].every((count) => count === 0)) return name;
  return builder.pad(name, [...pads.begin, ...pads.end]);
}

/** The adjoint of a range along one axis: puts the slices at their places among zeros. */
export function spread(
  builder: TensorBuilder,
  name: string,
  along: { readonly axis: number; readonly size: number; readonly range: Range },
): string {
  const { axis, size, range } = along;
  const { count, step } = range;
  const stride = Math.abs(step);
  const ascending =
    step > 0 ? name : builder.slice(name, { starts: [-1], ends: [-count - 1], axes: [axis], steps: [-1] });
  const first = step > 0 ? range.start : range.start + step * (count - 1);
  const shape = builder.shape(name);
  const only = (rank: number, at: number, value: number) =>
    Array.from({ length: rank }, (_, index) => (index === at ? value : 0));
  let result = ascending;
  if (stride > 1) {
    const open = builder.reshape(ascending, shape.toSpliced(axis + 1, 0, 1));
    const gaps = { begin: only(shape.length + 1, -1, 0), end: only(shape.length + 1, axis + 1, stride - 1) };
    result = builder.reshape(zeroPad(builder, open, gaps), shape.with(axis, count * stride));
  }
  return zeroPad(builder, result, {
    begin: only(shape.length, axis, first),
    end: only(shape.length, axis, size - first - count * stride),
  });
}

/** 1 at [place, …] for each index, else 0: [size, …shape of the indices] with the new axis at `axis`. */
export function oneHotOf(
  builder: TensorBuilder,
  indices: string,
  {
    size,
    axis,
    elementType,
  }: { readonly size: number; readonly axis: number; readonly elementType: ElementType },
): string {
  // ONNX Runtime has this for float32 and 64-bit integers alone.
  const values = builder.constant(tensorOf('float32', [2], [0, 1]));
  const places = builder.cast(indices, 'int64');
  return builder.cast(builder.oneHot([places, builder.ints([size]), values], axis), elementType);
}

/** Along axes up to this size a product with the selection matrix is faster than adding element by element. */
const LARGEST_SELECTION = 128;

/** The adjoint of picking places along one axis: adds what was picked to its places among `size`. */
export function scatterAlong(
  builder: TensorBuilder,
  name: string,
  along: { readonly axis: number; readonly size: number; readonly places: string },
): string {
  const { axis, size, places } = along;
  const { elementType, shape } = builder.type(name);
  const [outer, inner] = [shape.slice(0, axis), shape.slice(axis + 1)];
  const picked = shape[axis] ?? 1;
  const rows = builder.reshape(name, [sizeOf(outer), picked, sizeOf(inner)]);
  if (size > LARGEST_SELECTION) {
    const wide = [sizeOf(outer), picked, sizeOf(inner)];
    const indices = builder.expand(builder.reshape(places, [picked, 1]), wide);
    const zeros = builder.filled(elementType, wide.with(1, size), 0);
    const sums = builder.scatterElements([zeros, indices, rows], { axis: 1, reduction: 'add' });
    return builder.reshape(sums, [...outer, size, ...inner]);
  }
  // Sᵀ, size × picked: repeated places add up in the product.
  const selection = oneHotOf(builder, places, { size, axis: 0, elementType });
  return builder.reshape(builder.matMul(selection, rows), [...outer, size, ...inner]);
}
