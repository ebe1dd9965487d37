/**
 * Resize by whole factors, every value repeated over a block (mode "nearest", asymmetric, floor):
 *
 *     y = x repeated     ∂x = g summed over the blocks
 */
import { EdjmError } from '@edjm/core';
import { reshaped } from '../broadcasting.ts';
import { describeNode, stringAttribute, type Node } from '../graph.ts';
import type { GraphBuilder } from '../graphBuilder.ts';
import type { InferContext, Operator } from '../operator.ts';
import { tensorOf, valuesOf } from '../tensor.ts';

/** How often each axis repeats its values. */
function factors(
  { node, constant }: Pick<InferContext, 'node' | 'constant'>,
  shape: readonly number[],
): readonly number[] {
  const sizes = constant(3) ?? [];
  const scales =
    sizes.length > 0 ? sizes.map((size, axis) => size / (shape[axis] ?? 1)) : (constant(2) ?? []);
  const repeats =
    stringAttribute(node, 'mode', 'nearest') === 'nearest' &&
    stringAttribute(node, 'coordinate_transformation_mode', 'half_pixel') === 'asymmetric' &&
    stringAttribute(node, 'nearest_mode', 'round_prefer_floor') === 'floor' &&
    !('axes' in node.attributes) &&
    scales.length === shape.length &&
    scales.every((scale) => Number.isInteger(scale) && scale >= 1);
  if (repeats) return scales;
  throw new EdjmError(
    'UNSUPPORTED',
    `${describeNode(node)}: expected nearest, asymmetric, floor, with whole factors, got ${stringAttribute(node, 'mode', 'nearest')} by [${scales.join(', ')}].`,
  );
}

/** Repeats every value of a tensor [M, 1, …space] as often as the factors of its spatial axes say. */
export function repeated(builder: GraphBuilder, name: string, space: readonly number[]): string {
  const scales = builder.constant(tensorOf('float32', [space.length + 2], [1, 1, ...space]));
  return builder.emit('Resize', [name, '', scales], {
    mode: { string: 'nearest' },
    coordinate_transformation_mode: { string: 'asymmetric' },
    nearest_mode: { string: 'floor' },
  });
}

const resize: Operator = {
  upgrade: (node: Node, opset) => {
    if (opset >= 11) return node;
    // Operator set 10 knew neither a region of interest nor another way to count coordinates.
    const [x = '', scales = ''] = node.inputs;
    const fixed = {
      coordinate_transformation_mode: { string: 'asymmetric' },
      nearest_mode: { string: 'floor' },
    };
    return { ...node, inputs: [x, '', scales], attributes: { ...node.attributes, ...fixed } };
  },
  infer: (context) => {
    const { elementType, shape } = context.input(0);
    const scales = factors(context, shape);
    return [{ elementType, shape: shape.map((size, axis) => size * (scales[axis] ?? 1)) }];
  },
  vjp: ({ builder, node, input, cotangent }) => {
    const shape = builder.shape(input(0));
    const constant = (index: number) => {
      const tensor = builder.constantValue(node.inputs[index] ?? '');
      return tensor && valuesOf(tensor);
    };
    const scales = factors({ node, constant }, shape);
    const [k = 1] = builder.shape(cotangent());
    const blocks = reshaped(builder, cotangent(), [
      k,
      ...shape.flatMap((size, axis) => [size, scales[axis] ?? 1]),
    ]);
    const axes = builder.ints(shape.map((_, axis) => 2 * axis + 2));
    return [builder.emit('ReduceSum', [blocks, axes], { keepdims: { int: 0 } })];
  },
};

/** Resize. */
export const upsamplings: Readonly<Record<string, Operator>> = { Resize: resize };
