/** Tensors whose channels come last, [N, …space, C], and those whose channels come first, [N, C, …space]. */
import type { TensorBuilder } from '../../graph/tensorBuilder.ts';

/** A tensor with its last axis in the second place. */
export function channelsFirst(builder: TensorBuilder, name: string): string {
  const rank = builder.shape(name).length;
  const space = Array.from({ length: Math.max(0, rank - 2) }, (_, axis) => axis + 1);
  return builder.transpose(name, [0, rank - 1, ...space]);
}

/** A tensor with its second axis in the last place. */
export function channelsLast(builder: TensorBuilder, name: string): string {
  const rank = builder.shape(name).length;
  const space = Array.from({ length: Math.max(0, rank - 2) }, (_, axis) => axis + 2);
  return builder.transpose(name, [0, ...space, 1]);
}
