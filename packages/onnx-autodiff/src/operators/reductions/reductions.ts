/**
 * Reductions over axes; g is repeated over the axes.
 *
 *     ReduceSum          ∂x = g
 *     ReduceMean         ∂x = g / (number of values)
 *     ReduceMax, -Min    ∂x = g where x is the extreme, shared evenly among those that are
 *     ReduceL1           ∂x = g sign x
 *     ReduceL2           ∂x = g x / y, 0 where y is 0
 *     ReduceSumSquare    ∂x = 2 g x
 *     ReduceLogSum       ∂x = g e^(−y)
 *     ReduceLogSumExp    ∂x = g e^(x − y)
 *     ReduceProd         is a tree of products of halves, whose derivatives are right wherever factors are 0
 *
 * ArgMax and ArgMin give indices, through which no gradient flows.
 */
import { affineIn } from '../../graph/affine.ts';
import { normalizedAxes, normalizedAxis } from '../axes.ts';
import { constantsOf, knownInputs } from '../constantsOf.ts';
import type { TensorBuilder } from '../../graph/tensorBuilder.ts';
import { intAttribute, intsAttribute, withAttributes, type Node } from '../../model/graph.ts';
import { blockedReduction } from './longSums.ts';
import type { InferContext, Operator, VjpContext } from '../../graph/operator.ts';
import { isFloating, sizeOf, tensorOf, valuesOf, type Tensor } from '../../model/tensor.ts';

interface Reduced {
  readonly axes: readonly number[];
  /** The shape with a 1 for every axis that is reduced. */
  readonly kept: readonly number[];
  /** The shape of the output. */
  readonly output: readonly number[];
}

function reduced(
  { node, constant }: Pick<InferContext, 'node' | 'constant'>,
  shape: readonly number[],
): Reduced {
  const given = constant(1) ?? [];
  const all = given.length === 0 && intAttribute(node, 'noop_with_empty_axes', 0) === 0;
  const axes = all ? shape.map((_, axis) => axis) : normalizedAxes(node, given, shape.length);
  const kept = shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
  const squeezed = shape.filter((_, axis) => !axes.includes(axis));
  return { axes, kept, output: intAttribute(node, 'keepdims', 1) === 0 ? squeezed : kept };
}

/** The terms of a reduction's derivative. */
interface Reduction extends Reduced {
  readonly context: VjpContext;
  /** The cotangent with a 1 for every axis that was reduced. */
  readonly g: string;
  /** A tensor of the output's shape with a 1 for every axis that was reduced. */
  readonly open: (name: string) => string;
}

function foldReduction(
  node: Node,
  inputs: readonly (Tensor | undefined)[],
  combine: (values: readonly number[]) => number,
): readonly Tensor[] {
  const [x] = inputs;
  if (x === undefined) return [];
  const { axes: reducedAxes, kept, output } = reduced(constantsOf(node, inputs), x.shape);
  const groups = Array.from({ length: sizeOf(kept) }, (): number[] => []);
  const strides = x.shape.map((_, axis) => sizeOf(x.shape.slice(axis + 1)));
  valuesOf(x).forEach((value, index) => {
    const group = kept.reduce((sum, size, axis) => {
      const place = Math.floor(index / (strides[axis] ?? 1)) % (x.shape[axis] ?? 1);
      return sum * size + (reducedAxes.includes(axis) ? 0 : place);
    }, 0);
    groups[group]?.push(value);
  });
  return [tensorOf(x.elementType, output, groups.map(combine))];
}

/** Before operator set 18 the axes were an attribute. */
function withAxesAsInput(node: Node, builder: TensorBuilder): Node {
  const axes = intsAttribute(node, 'axes');
  if (axes === undefined || node.inputs.length > 1) return node;
  return { ...withAttributes(node, ['axes']), inputs: [node.inputs[0] ?? '', builder.ints(axes)] };
}

function reduction(
  combine: (values: readonly number[]) => number,
  derivative?: (reduction: Reduction) => string,
): Operator {
  const vjp = (context: VjpContext) => {
    const { builder, node, input, cotangent } = context;
    const shape = builder.shape(input(0));
    const parts = reduced(knownInputs(builder, node), shape);
    const [k = 1] = builder.shape(cotangent());
    const g = builder.reshape(cotangent(), [k, ...parts.kept]);
    const open = (name: string) => builder.reshape(name, parts.kept);
    const share = derivative?.({ ...parts, context, g, open }) ?? '';
    return [builder.expand(share, [k, ...shape])];
  };
  return {
    upgrade: (node, _, builder) => withAxesAsInput(node, builder),
    infer: (context) => {
      const { elementType, shape } = context.input(0);
      return [{ elementType, shape: reduced(context, shape).output }];
    },
    fold: (node, inputs) => foldReduction(node, inputs, combine),
    inSteps: (node, builder) => {
      const shape = builder.shape(node.inputs[0] ?? '');
      return blockedReduction(builder, node, reduced(knownInputs(builder, node), shape));
    },
    ...(derivative && { vjp }),
  };
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

function meanShare({ axes, context, g }: Reduction): string {
  const { builder, input } = context;
  const count = sizeOf(axes.map((axis) => builder.shape(input(0))[axis] ?? 1));
  return builder.mul(g, 1 / count);
}

function extremeShare({ axes, context, g, open }: Reduction): string {
  const { builder, node, input } = context;
  // A sum over no axes would be a sum over all.
  if (axes.length === 0) return g;
  const isExtreme = builder.equal(input(0), open(node.outputs[0] ?? ''));
  const mask = builder.cast(isExtreme, builder.type(input(0)).elementType);
  const count = builder.reduceSum(mask, axes);
  return builder.mul(g, builder.div(mask, count));
}

function signShare({ context, g }: Reduction): string {
  return context.builder.mul(g, context.builder.sign(context.input(0)));
}

function directionShare({ context, g, open }: Reduction): string {
  const { builder, node, input } = context;
  const norm = open(node.outputs[0] ?? '');
  const isZero = builder.equal(norm, 0);
  const divisor = builder.where(isZero, builder.scalar(1, norm), norm);
  return builder.mul(g, builder.div(input(0), divisor));
}

function doubleShare({ context, g }: Reduction): string {
  const { builder, input } = context;
  return builder.mul(g, builder.mul(input(0), 2));
}

function softmaxShare({ context, g, open }: Reduction): string {
  const { builder, node, input } = context;
  const exponent = builder.sub(input(0), open(node.outputs[0] ?? ''));
  return builder.mul(g, builder.exp(exponent));
}

function inverseShare({ context, g, open }: Reduction): string {
  const { builder, node } = context;
  const exponent = builder.neg(open(node.outputs[0] ?? ''));
  return builder.mul(g, builder.exp(exponent));
}

/** The product along the first axis of a tensor [size, rest]: one half times the other, until one row is left. */
function productOfRows(builder: TensorBuilder, name: string): string {
  const [size = 1, rest = 1] = builder.shape(name);
  if (size === 0) return builder.filled(builder.type(name).elementType, [1, rest], 1);
  if (size === 1) return name;
  const half = Math.ceil(size / 2);
  const { elementType } = builder.type(name);
  const even = size % 2 === 0 ? name : builder.concat([name, builder.filled(elementType, [1, rest], 1)], 0);
  const [first = '', second = ''] = builder.split(even, [half, half], 0);
  return productOfRows(builder, builder.mul(first, second));
}

/** A product over axes of data, in products of two factors. */
function productInPairs(node: Node, builder: TensorBuilder): Node {
  const [x = ''] = node.inputs;
  const { elementType, shape } = builder.type(x);
  if (!isFloating(elementType) || builder.constantValue(x) !== undefined) return node;
  const { axes, output } = reduced(knownInputs(builder, node), shape);
  const kept = shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const transposed = builder.transpose(x, [...axes, ...kept]);
  const size = sizeOf(axes.map((axis) => shape[axis] ?? 1));
  const rest = sizeOf(kept.map((axis) => shape[axis] ?? 1));
  const product = productOfRows(builder, builder.reshape(transposed, [size, rest]));
  const inputs = [product, builder.ints(output)];
  return { ...node, opType: 'Reshape', inputs, attributes: { allowzero: { int: 1 } } };
}

const squares = (values: readonly number[]) => sum(values.map((value) => value * value));

const product = reduction((values) => values.reduce((total, value) => total * value, 1));

/** ReduceSum, -Mean, -Max, -Min, -L1, -L2, -SumSquare, -LogSum, -LogSumExp, -Prod. */
export const reductions: Readonly<Record<string, Operator>> = {
  ReduceSum: { ...reduction(sum, ({ g }) => g), affine: affineIn([0]) },
  ReduceMean: { ...reduction((values) => sum(values) / values.length, meanShare), affine: affineIn([0]) },
  ReduceMax: reduction((values) => values.reduce((a, b) => Math.max(a, b), -Infinity), extremeShare),
  ReduceMin: reduction((values) => values.reduce((a, b) => Math.min(a, b), Infinity), extremeShare),
  ReduceL1: reduction((values) => sum(values.map(Math.abs)), signShare),
  ReduceL2: reduction((values) => Math.sqrt(squares(values)), directionShare),
  ReduceSumSquare: reduction(squares, doubleShare),
  ReduceLogSum: reduction((values) => Math.log(sum(values)), inverseShare),
  ReduceLogSumExp: reduction((values) => Math.log(sum(values.map(Math.exp))), softmaxShare),
  ReduceProd: {
    ...product,
    upgrade: (node, _, builder) => productInPairs(withAxesAsInput(node, builder), builder),
  },
};

const extremePlace: Operator = {
  infer: ({ node, input }) => {
    const { shape } = input(0);
    const axis = normalizedAxis(node, intAttribute(node, 'axis', 0), shape.length);
    const keep = intAttribute(node, 'keepdims', 1) !== 0;
    return [{ elementType: 'int64', shape: keep ? shape.with(axis, 1) : shape.toSpliced(axis, 1) }];
  },
};

/** ArgMax and ArgMin: indices, through which no gradient flows. */
export const extremePlaces: Readonly<Record<string, Operator>> = {
  ArgMax: extremePlace,
  ArgMin: extremePlace,
};
