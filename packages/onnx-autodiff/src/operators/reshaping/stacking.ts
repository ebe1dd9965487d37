import type { TensorBuilder } from '../../graph/tensorBuilder.ts';

/** Tensors of one shape side by side along a new axis, at the given position of the result. */
export function stacked(builder: TensorBuilder, names: readonly string[], axis: number): string {
  const layers = names.map((name) => builder.reshape(name, builder.shape(name).toSpliced(axis, 0, 1)));
  const [only = ''] = layers;
  return layers.length === 1 ? only : builder.concat(layers, axis);
}

/** The pieces of a tensor along an axis, of the given sizes. */
export function pieces(
  builder: TensorBuilder,
  name: string,
  { axis, sizes }: { readonly axis: number; readonly sizes: readonly number[] },
): readonly string[] {
  if (sizes.length < 2) return sizes.map(() => name);
  return builder.split(name, sizes, axis);
}

/** The slices of a tensor along an axis, without that axis. */
export function unstacked(builder: TensorBuilder, name: string, axis: number): readonly string[] {
  const shape = builder.shape(name);
  const sizes = new Array<number>(shape[axis] ?? 0).fill(1);
  return pieces(builder, name, { axis, sizes }).map((slice) =>
    builder.reshape(slice, shape.toSpliced(axis, 1)),
  );
}
