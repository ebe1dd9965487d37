/**
 * Normalization by the root of the mean square over the axes from one on, y = s x / √(mean x² + ε): RMSNormalization,
 * which ONNX Runtime writes as SimplifiedLayerNormalization. The numbers are those of the input's own type: `stash_type`
 * does not lower it.
 */
import { broadcastShapes } from '../../graph/broadcasting.ts';
import { floatAttribute, type Node } from '../../model/graph.ts';
import type { TensorBuilder } from '../../graph/tensorBuilder.ts';
import type { Composite } from '../../graph/operator.ts';
import { sizeOf } from '../../model/tensor.ts';
import { layerAxes } from './layerNormalization.ts';

/** The terms of a normalization: see {@link rootMeanSquareNormalized}. */
export interface RootMeanSquare {
  readonly node: Node;
  readonly x: string;
  readonly scale: string;
  readonly epsilon: number;
}

/** The normalized tensor, and √(mean x² + ε). */
export function rootMeanSquareNormalized(
  builder: TensorBuilder,
  { node, x, scale, epsilon }: RootMeanSquare,
): Readonly<Record<'normalized' | 'root', string>> {
  const shape = builder.shape(x);
  const axes = layerAxes(node, shape.length);
  broadcastShapes(node, shape, builder.shape(scale));
  const squares = builder.reduceSumSquare(x, axes);
  const share = builder.scalar(1 / sizeOf(axes.map((axis) => shape[axis] ?? 1)), x);
  const mean = builder.mul(squares, share);
  const root = builder.sqrt(builder.add(mean, epsilon));
  return { normalized: builder.mul(builder.div(x, root), scale), root };
}

const rmsNormalization: Composite = {
  rewrite: ({ builder, node, input, wants }) => {
    // Only SimplifiedLayerNormalization has the optional second output.
    const epsilon = floatAttribute(node, 'epsilon', 1e-5);
    const { normalized, root } = rootMeanSquareNormalized(builder, {
      node,
      x: input(0),
      scale: input(1),
      epsilon,
    });
    return [normalized, wants(1) ? builder.reciprocal(root) : undefined];
  },
};

/** RMSNormalization, and SimplifiedLayerNormalization, which is of the standard domain or of com.microsoft. */
export const rmsNormalizations: Readonly<Record<string, Composite>> = {
  RMSNormalization: rmsNormalization,
  SimplifiedLayerNormalization: rmsNormalization,
  'com.microsoft.SimplifiedLayerNormalization': rmsNormalization,
};
