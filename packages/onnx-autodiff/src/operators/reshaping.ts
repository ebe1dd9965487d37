/**
 * Operators that hand on the elements of one tensor in the same order, in another shape: ∂x = g in the shape of x.
 */
import { EdjmError } from '@edjm/core';
import { reshaped } from '../broadcasting.ts';
import type { GraphBuilder } from '../graphBuilder.ts';
import { describeNode, intAttribute, intsAttribute, withAttributes, type Node } from '../graph.ts';
import type { InferContext, Operator } from '../operator.ts';
import { sizeOf, tensorOf, valuesOf, type Tensor } from '../tensor.ts';

type ShapeRule = (
  context: Pick<InferContext, 'node' | 'constant'>,
  shape: readonly number[],
) => readonly number[];

function reshaping(rule: ShapeRule, upgrade?: Operator['upgrade']): Operator {
  return {
    ...(upgrade && { upgrade }),
    infer: (context) => [
      { elementType: context.input(0).elementType, shape: rule(context, context.input(0).shape) },
    ],
    fold: (node, inputs) => {
      const [x] = inputs;
      if (x === undefined) return [];
      const constant = (index: number) => {
        const tensor = inputs[index];
        return tensor && valuesOf(tensor);
      };
      const folded: Tensor = { ...x, shape: rule({ node, constant }, x.shape) };
      return [folded];
    },
    vjp: ({ builder, input, cotangent }) => {
      const [k = 1] = builder.shape(cotangent());
      return [reshaped(builder, cotangent(), [k, ...builder.shape(input(0))])];
    },
  };
}

/** Moves the attribute `name` of earlier operator sets to input 1. */
function attributeToInput(name: string): NonNullable<Operator['upgrade']> {
  return (node: Node, _: number, builder: GraphBuilder) => {
    const values = intsAttribute(node, name);
    if (values === undefined || node.inputs.length > 1) return node;
    return {
      ...withAttributes(node, [name, 'consumed_inputs']),
      inputs: [node.inputs[0] ?? '', builder.ints(values)],
    };
  };
}

const reshape = reshaping(({ node, constant }, shape) => {
  const target = constant(1) ?? [];
  const allowZero = intAttribute(node, 'allowzero', 0) !== 0;
  const known = target.map((size, axis) => (size === 0 && !allowZero ? (shape[axis] ?? 0) : size));
  const rest = sizeOf(known.filter((size) => size !== -1));
  const result = known.map((size) => (size === -1 ? (rest === 0 ? 0 : sizeOf(shape) / rest) : size));
  if (sizeOf(result) !== sizeOf(shape) || !result.every(Number.isInteger)) {
    throw new EdjmError(
      'SHAPE_MISMATCH',
      `${describeNode(node)}: expected a shape of ${String(sizeOf(shape))} elements, got [${target.join(', ')}] for an input of shape [${shape.join(', ')}].`,
    );
  }
  return result;
}, attributeToInput('shape'));

const flatten = reshaping(({ node }, shape) => {
  const axis = intAttribute(node, 'axis', 1);
  const split = axis < 0 ? axis + shape.length : axis;
  return [sizeOf(shape.slice(0, split)), sizeOf(shape.slice(split))];
});

const squeeze = reshaping(({ constant }, shape) => {
  const axes = constant(1)?.map((axis) => (axis < 0 ? axis + shape.length : axis));
  return shape.filter((size, axis) => (axes ? !axes.includes(axis) : size !== 1));
}, attributeToInput('axes'));

const unsqueeze = reshaping(({ constant }, shape) => {
  const given = constant(1) ?? [];
  const rank = shape.length + given.length;
  const axes = given.map((axis) => (axis < 0 ? axis + rank : axis));
  const rest = [...shape];
  return Array.from({ length: rank }, (_, axis) => (axes.includes(axis) ? 1 : (rest.shift() ?? 1)));
}, attributeToInput('axes'));

/** Dropout does nothing in inference mode. */
const dropout: Operator = {
  upgrade: (node, _, builder) => {
    const mode = builder.constantValue(node.inputs[2] ?? '');
    if (mode !== undefined && valuesOf(mode)[0] !== 0) {
      throw new EdjmError(
        'UNSUPPORTED',
        `${describeNode(node)}: expected dropout in inference mode, got training_mode = true. Export the network in evaluation mode.`,
      );
    }
    const [x = ''] = node.inputs;
    const [y = '', mask] = node.outputs;
    if (mask !== undefined && mask !== '') {
      const shape = builder.shape(x);
      builder.alias(
        mask,
        builder.constant(tensorOf('bool', shape, new Array<number>(sizeOf(shape)).fill(1))),
      );
    }
    return { ...node, opType: 'Identity', inputs: [x], outputs: [y], attributes: {} };
  },
  infer: ({ input }) => [input(0)],
};

const identity: Operator = { infer: ({ input }) => [input(0)] };

/** Reshape, Flatten, Squeeze, Unsqueeze, Identity, Dropout. */
export const reshapings: Readonly<Record<string, Operator>> = {
  Reshape: reshape,
  Flatten: flatten,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Identity: identity,
  Dropout: dropout,
};
