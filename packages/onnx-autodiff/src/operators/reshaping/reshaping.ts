/**
 * Operators that keep the elements of a tensor in the same order, in another shape: ∂x = g in the shape of x.
 */
import { affineIn } from '../../graph/affine.ts';
import { EdjmError } from '@edjm/core';
import { normalizedAxes, normalizedAxis } from '../axes.ts';
import { constantsOf } from '../constantsOf.ts';
import type { TensorBuilder } from '../../graph/tensorBuilder.ts';
import { describeNode, intAttribute, intsAttribute, withAttributes, type Node } from '../../model/graph.ts';
import type { InferContext, Operator } from '../../graph/operator.ts';
import { sizeOf, valuesOf } from '../../model/tensor.ts';

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
      return [{ ...x, shape: rule(constantsOf(node, inputs), x.shape) }];
    },
    vjp: ({ builder, input, cotangent }) => {
      const [k = 1] = builder.shape(cotangent());
      return [builder.reshape(cotangent(), [k, ...builder.shape(input(0))])];
    },
  };
}

/** Moves the attribute `name` of earlier operator sets to input 1. */
function attributeToInput(name: string): NonNullable<Operator['upgrade']> {
  return (node: Node, _: number, builder: TensorBuilder) => {
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
  // The axis may lie one beyond the last.
  const split = axis === shape.length ? axis : normalizedAxis(node, axis, shape.length);
  return [sizeOf(shape.slice(0, split)), sizeOf(shape.slice(split))];
});

const squeeze = reshaping(({ node, constant }, shape) => {
  const given = constant(1);
  const axes = given && normalizedAxes(node, given, shape.length);
  if (axes?.some((axis) => shape[axis] !== 1) === true) {
    throw new EdjmError(
      'SHAPE_MISMATCH',
      `${describeNode(node)}: expected axes of size 1, got the axes [${axes.join(', ')}] of a tensor of shape [${shape.join(', ')}].`,
    );
  }
  return shape.filter((size, axis) => (axes ? !axes.includes(axis) : size !== 1));
}, attributeToInput('axes'));

const unsqueeze = reshaping(({ node, constant }, shape) => {
  const given = constant(1) ?? [];
  const rank = shape.length + given.length;
  const axes = normalizedAxes(node, given, rank);
  const rest = [...shape];
  return Array.from({ length: rank }, (_, axis) => (axes.includes(axis) ? 1 : (rest.shift() ?? 1)));
}, attributeToInput('axes'));

/** Dropout does nothing in inference mode. */
const dropout: Operator = {
  upgrade: (node, opset, builder) => {
    const [x = '', , mode = ''] = node.inputs;
    const training = builder.constantValue(mode);
    if (mode !== '' && (training === undefined || valuesOf(training)[0] !== 0)) {
      throw new EdjmError(
        'UNSUPPORTED',
        `${describeNode(node)}: expected dropout in inference mode, got a training_mode that is not false. Export the network in evaluation mode.`,
      );
    }
    const [y = '', mask = ''] = node.outputs;
    const maskType = opset < 10 ? builder.type(x).elementType : 'bool';
    if (mask !== '') builder.alias(mask, builder.filled(maskType, builder.shape(x), 1));
    return { ...node, opType: 'Identity', inputs: [x], outputs: [y], attributes: {} };
  },
  infer: ({ input }) => [input(0)],
};

const identity: Operator = { infer: ({ input }) => [input(0)] };

/** Reshape, Flatten, Squeeze, Unsqueeze, Identity, Dropout. */
export const reshapings: Readonly<Record<string, Operator>> = {
  Reshape: { ...reshape, affine: affineIn([0]) },
  Flatten: { ...flatten, affine: affineIn([0]) },
  Squeeze: { ...squeeze, affine: affineIn([0]) },
  Unsqueeze: { ...unsqueeze, affine: affineIn([0]) },
  Identity: identity,
  Dropout: dropout,
};
