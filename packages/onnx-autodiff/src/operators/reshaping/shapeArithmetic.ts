/**
 * Operators that exporters leave behind to compute shapes. Shapes are numbers here, so all of them fold into constants.
 */
import { EdjmError } from '@edjm/core';
import { describeNode, intAttribute, type Attribute, type Node } from '../../model/graph.ts';
import type { Operator } from '../../graph/operator.ts';
import { sizeOf, tensorOf, valuesOf, type Tensor, type TensorType } from '../../model/tensor.ts';
import { elementTypeAttribute } from '../elementwise/cast.ts';

function constantTensor(node: Node): Tensor {
  const [name = '', attribute] = Object.entries(node.attributes)[0] ?? [];
  if (attribute !== undefined) {
    if ('tensor' in attribute) return attribute.tensor;
    if ('int' in attribute) return tensorOf('int64', [], [attribute.int]);
    if ('ints' in attribute) return tensorOf('int64', [attribute.ints.length], attribute.ints);
    if ('float' in attribute) return tensorOf('float32', [], [attribute.float]);
    if ('floats' in attribute) return tensorOf('float32', [attribute.floats.length], attribute.floats);
  }
  throw new EdjmError(
    'UNSUPPORTED',
    `${describeNode(node)}: expected a tensor, a number or numbers, got ${name || 'no value'}.`,
  );
}

/** An operator whose output is known as soon as its node is. A constant replaces the node. */
function known(value: (node: Node, input: TensorType | undefined) => Tensor): Operator {
  return {
    upgrade: (node, _, builder) => {
      const [input] = node.inputs;
      const constant = builder.constant(value(node, input === undefined ? undefined : builder.type(input)));
      return { ...node, opType: 'Identity', inputs: [constant], attributes: {} };
    },
    infer: ({ input }) => [input(0)],
  };
}

function shapePart(node: Node, input: TensorType | undefined): Tensor {
  const shape = input?.shape ?? [];
  const bounded = (value: number) =>
    Math.min(Math.max(value < 0 ? value + shape.length : value, 0), shape.length);
  const part = shape.slice(
    bounded(intAttribute(node, 'start', 0)),
    bounded(intAttribute(node, 'end', shape.length)),
  );
  return tensorOf('int64', [part.length], part);
}

function fillValue(attribute: Attribute | undefined): {
  elementType: TensorType['elementType'];
  value: number;
} {
  if (attribute === undefined || !('tensor' in attribute)) return { elementType: 'float32', value: 0 };
  return { elementType: attribute.tensor.elementType, value: valuesOf(attribute.tensor)[0] ?? 0 };
}

const constantOfShape: Operator = {
  infer: ({ node, constant }) => [
    { elementType: fillValue(node.attributes['value']).elementType, shape: constant(0) ?? [] },
  ],
  fold: (node, [target]) => {
    const { elementType, value } = fillValue(node.attributes['value']);
    const shape = target === undefined ? [] : valuesOf(target);
    return [tensorOf(elementType, shape, new Array<number>(sizeOf(shape)).fill(value))];
  },
};

const rangeLength = (start: number, limit: number, delta: number) =>
  Math.max(0, Math.ceil((limit - start) / delta));

const range: Operator = {
  infer: ({ input, constant }) => {
    const [start = 0, limit = 0, delta = 1] = [0, 1, 2].map((index) => constant(index)?.[0]);
    return [{ elementType: input(0).elementType, shape: [rangeLength(start, limit, delta)] }];
  },
  fold: (_, inputs) => {
    const [start = 0, limit = 0, delta = 1] = inputs.map((tensor) =>
      tensor === undefined ? undefined : valuesOf(tensor)[0],
    );
    const length = rangeLength(start, limit, delta);
    const values = Array.from({ length }, (__, index) => start + index * delta);
    return [tensorOf(inputs[0]?.elementType ?? 'int64', [length], values)];
  },
};

const eyeLike: Operator = {
  infer: ({ node, input }) => {
    const { elementType, shape } = input(0);
    if (shape.length !== 2) {
      throw new EdjmError(
        'INVALID_FILE',
        `${describeNode(node)}: expected a matrix, got the shape [${shape.join(', ')}].`,
      );
    }
    return [{ elementType: elementTypeAttribute(node, 'dtype') ?? elementType, shape }];
  },
  fold: (node, [x]) => {
    const [rows = 0, columns = 0] = x?.shape ?? [];
    const diagonal = intAttribute(node, 'k', 0);
    const elementType = elementTypeAttribute(node, 'dtype') ?? x?.elementType ?? 'float32';
    const values = Array.from({ length: rows * columns }, (_, place) =>
      Number((place % columns) - Math.floor(place / columns) === diagonal),
    );
    return [tensorOf(elementType, [rows, columns], values)];
  },
  // The matrix does not depend on the values of the input.
  vjp: () => [undefined],
};

/** The places of a constant that are not 0: a column of indices for each, in row-major order. */
function nonZeroPlaces(values: readonly number[], shape: readonly number[]): Tensor {
  const places = values.flatMap((value, place) => (value === 0 ? [] : [place]));
  const rows = shape.map((size, axis) => {
    const stride = sizeOf(shape.slice(axis + 1));
    return places.map((place) => Math.floor(place / stride) % size);
  });
  return tensorOf('int64', [shape.length, places.length], rows.flat());
}

const nonZero: Operator = {
  infer: ({ input, constant }) => {
    const count = (constant(0) ?? []).filter((value) => value !== 0).length;
    return [{ elementType: 'int64', shape: [input(0).shape.length, count] }];
  },
  fold: (_, [x]) => (x === undefined ? [] : [nonZeroPlaces(valuesOf(x), x.shape)]),
};

/** Constant, Shape, Size, ConstantOfShape, Range, EyeLike, NonZero. */
export const shapeArithmetic: Readonly<Record<string, Operator>> = {
  Constant: known(constantTensor),
  Shape: known(shapePart),
  Size: known((_, input) => tensorOf('int64', [], [sizeOf(input?.shape ?? [])])),
  ConstantOfShape: constantOfShape,
  Range: range,
  EyeLike: eyeLike,
  NonZero: nonZero,
};
