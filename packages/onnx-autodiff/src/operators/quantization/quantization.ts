/**
 * Quantization: real numbers as small integers q, with a scale s and a zero point z for each tensor, each slice of an
 * axis, or each block of slices.
 *
 *     QuantizeLinear    q = round(x / s) + z, no further than the ends of its type
 *     DequantizeLinear  x = (q − z) s
 *
 * Rounding is a step: its derivative is 0 wherever there is one, and says nothing of the network. Straight-through
 * derivatives take it for the identity instead: ∂x = g where the rounded value is within the range of its type, else
 * 0. Scales and zero points that are computed from x count as constants (Y. Bengio, N. Léonard, A. Courville, "Estimating or
 * propagating gradients through stochastic neurons", arXiv:1308.3432, and PyTorch's fake_quantize). The integers are
 * then held as real numbers, so that every operator behind them has its own rule.
 */
import { EdjmError } from '@edjm/core';
import { normalizedAxis } from '../axes.ts';
import type { TensorBuilder } from '../../graph/tensorBuilder.ts';
import { describeNode, intAttribute, type Node } from '../../model/graph.ts';
import type { Composite, Operator } from '../../graph/operator.ts';
import type { ElementType, TensorType } from '../../model/tensor.ts';
import { elementTypeAttribute } from '../elementwise/cast.ts';
import { elementwiseFunctions } from '../elementwise/elementwise.ts';

/** The ends of the types that numbers are quantized to. */
const ranges: Partial<Record<ElementType, readonly [low: number, high: number]>> = {
  uint8: [0, 2 ** 8 - 1],
  int8: [-(2 ** 7), 2 ** 7 - 1],
  uint16: [0, 2 ** 16 - 1],
  int16: [-(2 ** 15), 2 ** 15 - 1],
};

/** The shape in which values meet their scales, and the function that brings scales and zero points to it. */
interface Alignment {
  readonly shape: readonly number[];
  readonly aligned: (parameter: string) => string;
}

function alignment(builder: TensorBuilder, node: Node, scale: string): Alignment {
  const shape = builder.shape(node.inputs[0] ?? '');
  const given = builder.shape(scale);
  const block = intAttribute(node, 'block_size', 0);
  if (block === 0 && (given.length === 0 || (given.length === 1 && given[0] === 1)))
    return { shape, aligned: (parameter) => builder.reshape(parameter, []) };
  const axis = normalizedAxis(node, intAttribute(node, 'axis', 1), shape.length);
  const size = shape[axis] ?? 1;
  if (block === 0 && given.length === 1 && given[0] === size) {
    const column = [size, ...shape.slice(axis + 1).map(() => 1)];
    return { shape, aligned: (parameter) => builder.reshape(parameter, column) };
  }
  if (block > 0 && size % block === 0 && given.join() === shape.with(axis, size / block).join()) {
    return {
      shape: shape.toSpliced(axis, 1, size / block, block),
      aligned: (parameter) => builder.reshape(parameter, given.toSpliced(axis + 1, 0, 1)),
    };
  }
  throw new EdjmError(
    'UNSUPPORTED',
    `${describeNode(node)}: expected a scale for the tensor, for each slice of axis ${String(axis)}, or for each whole block of them, got the shape [${given.join(', ')}] for [${shape.join(', ')}].`,
  );
}

/** A scale with its zero point, in shapes that broadcast against the values. */
export interface QuantizationScale {
  readonly scale: string;
  /** Undefined if it is 0. */
  readonly zeroPoint: string | undefined;
}

/** (q − z) s in the type of s. */
export function dequantized(
  builder: TensorBuilder,
  q: string,
  { scale, zeroPoint }: QuantizationScale,
): string {
  const { elementType } = builder.type(scale);
  return builder.mul(centered(builder, q, { zeroPoint, elementType }), scale);
}

/** q − z as real numbers. */
export function centered(
  builder: TensorBuilder,
  q: string,
  { zeroPoint, elementType }: { readonly zeroPoint: string | undefined; readonly elementType: ElementType },
): string {
  const value = builder.cast(q, elementType);
  return zeroPoint === undefined ? value : builder.sub(value, builder.cast(zeroPoint, elementType));
}

/** The integers that x is quantized to, held as real numbers. */
export function quantized(
  builder: TensorBuilder,
  x: string,
  parts: QuantizationScale & { readonly node: Node; readonly to: ElementType },
): string {
  const { scale, zeroPoint, node, to } = parts;
  const range = ranges[to];
  if (range === undefined) {
    throw new EdjmError(
      'UNSUPPORTED',
      `${describeNode(node)}: expected 8 or 16 bits for straight-through derivatives, got ${to}.`,
    );
  }
  const { elementType } = builder.type(scale);
  const steps = builder.round(builder.div(builder.cast(x, elementType), scale));
  const moved = zeroPoint === undefined ? steps : builder.add(steps, builder.cast(zeroPoint, elementType));
  const [low, high] = range;
  return builder.clip(moved, low, high);
}

/** A node that hands on another tensor, in place of the given one. */
export function standIn(node: Node, tensor: string): Node {
  return { ...node, opType: 'Identity', domain: '', inputs: [tensor], attributes: {} };
}

/** The type that numbers are quantized to. */
function targetType(node: Node, zeroPoint: TensorType | undefined): ElementType {
  return zeroPoint?.elementType ?? elementTypeAttribute(node, 'output_dtype') ?? 'uint8';
}

const quantizeLinear: Operator = {
  // Operator set 21 brought 16 bits and blocks, 23 the precision of the division.
  since: (node, opset) => Math.min(opset, 'precision' in node.attributes ? 23 : 21),
  quantizes: true,
  infer: ({ node, input, inputs }) => [{ elementType: targetType(node, inputs[2]), shape: input(0).shape }],
};

/**
 * Written in parts even if the integers are weights: ONNX Runtime would join the node to a product behind it, and
 * then round the other factor to 8 bits.
 */
const dequantizeLinear: Composite = {
  rewrite: ({ node, builder, input, optional }) => {
    const { shape, aligned } = alignment(builder, node, input(1));
    const zeroPoint = optional(2);
    const value = dequantized(builder, builder.reshape(input(0), shape), {
      scale: aligned(input(1)),
      zeroPoint: zeroPoint === undefined ? undefined : aligned(zeroPoint),
    });
    const to = elementTypeAttribute(node, 'output_dtype') ?? builder.type(input(1)).elementType;
    return [builder.cast(builder.reshape(value, builder.shape(input(0))), to)];
  },
};

const dynamicQuantizeLinear: Operator = {
  quantizes: true,
  infer: ({ input }) => [
    { elementType: 'uint8', shape: input(0).shape },
    { elementType: 'float32', shape: [] },
    { elementType: 'uint8', shape: [] },
  ],
};

/** QuantizeLinear, DequantizeLinear, DynamicQuantizeLinear. */
export const quantizations: Readonly<Record<string, Operator | Composite>> = {
  QuantizeLinear: quantizeLinear,
  DequantizeLinear: dequantizeLinear,
  DynamicQuantizeLinear: dynamicQuantizeLinear,
};

function straightThroughStep(opType: 'Round' | 'Floor' | 'Ceil'): Operator {
  return {
    ...elementwiseFunctions[opType],
    infer: ({ input }) => [input(0)],
    isStep: false,
    vjp: ({ cotangent }) => [cotangent()],
  };
}

/** The operators that round, with straight-through derivatives. */
export const straightThroughQuantizations: Readonly<Record<string, Operator | Composite>> = {
  Round: straightThroughStep('Round'),
  Floor: straightThroughStep('Floor'),
  Ceil: straightThroughStep('Ceil'),
  QuantizeLinear: {
    rewrite: ({ node, builder, input, optional }) => {
      const { shape, aligned } = alignment(builder, node, input(1));
      const zeroPoint = optional(2);
      const held = quantized(builder, builder.reshape(input(0), shape), {
        scale: aligned(input(1)),
        zeroPoint: zeroPoint === undefined ? undefined : aligned(zeroPoint),
        node,
        to: targetType(node, zeroPoint === undefined ? undefined : builder.type(zeroPoint)),
      });
      return [builder.reshape(held, builder.shape(input(0)))];
    },
  },
  DynamicQuantizeLinear: {
    infer: dynamicQuantizeLinear.infer,
    upgrade: (node, _, builder) => {
      const [x = ''] = node.inputs;
      const [y = '', ...parameters] = node.outputs;
      // The engine's own node gives the scale and the zero point, which count as constants.
      const [, scale = '', zeroPoint = ''] = builder.dynamicQuantizeLinear(x);
      parameters.forEach((name, index) => {
        builder.alias(name, [scale, zeroPoint][index] ?? '');
      });
      const held = quantized(builder, x, { scale, zeroPoint, node, to: 'uint8' });
      return { ...standIn(node, held), outputs: [y] };
    },
    vjp: () => [undefined],
  },
};
