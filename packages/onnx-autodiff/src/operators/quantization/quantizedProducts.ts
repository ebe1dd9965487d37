/**
 * Convolutions and matrix products of integers that stand for real numbers.
 *
 *     ConvInteger, MatMulInteger   y = (x − z_x) ∗ (w − z_w)
 *     QLinearConv, QLinearMatMul   y = round((x − z_x) s_x ∗ (w − z_w) s_w / s_y) + z_y
 *
 * They have no derivative. Straight through, with integers held as real numbers, they are Conv and MatMul of the
 * numbers that the integers stand for.
 */
import type { TensorBuilder } from '../../graph/tensorBuilder.ts';
import { intsAttribute, type Node } from '../../model/graph.ts';
import type { InferContext, Operator } from '../../graph/operator.ts';
import { isFloating } from '../../model/tensor.ts';
import { convolutions } from '../windows/convolution.ts';
import { matrixProducts } from '../products/matrixProducts.ts';
import { centered, dequantized, quantized, standIn } from './quantization.ts';
import { convAttributes, withExplicitPads } from '../windows/window.ts';

/** The shape of the product of the inputs at two positions. */
function productShape(
  context: InferContext,
  right: number,
  product: Operator | undefined,
): readonly number[] {
  const input = (index: number) => context.input(index === 0 ? 0 : right);
  return product?.infer({ ...context, input })[0]?.shape ?? [];
}

/** A convolution whose weights are the input at the given position, with its padding as numbers. */
function withPads(node: Node, weights: number, builder: TensorBuilder): Node {
  const [x = ''] = node.inputs;
  const kernelShape =
    intsAttribute(node, 'kernel_shape') ?? builder.shape(node.inputs[weights] ?? '').slice(2);
  return withExplicitPads(node, builder.shape(x).slice(2), kernelShape);
}

const convInteger: Operator = {
  upgrade: (node, _, builder) => withPads(node, 1, builder),
  infer: (context) => [{ elementType: 'int32', shape: productShape(context, 1, convolutions['Conv']) }],
};

const matMulInteger: Operator = {
  infer: (context) => [{ elementType: 'int32', shape: productShape(context, 1, matrixProducts['MatMul']) }],
};

const qLinearConv: Operator = {
  upgrade: (node, _, builder) => withPads(node, 3, builder),
  infer: (context) => [
    { elementType: context.input(7).elementType, shape: productShape(context, 3, convolutions['Conv']) },
  ],
};

const qLinearMatMul: Operator = {
  // Operator set 21 brought scales of 16 bits.
  since: (_, opset) => Math.min(opset, 21),
  infer: (context) => [
    { elementType: context.input(7).elementType, shape: productShape(context, 3, matrixProducts['MatMul']) },
  ],
};

/** A vector of one number a row, before the axes that it is repeated along; anything else as it is. */
function perRow(builder: TensorBuilder, name: string, axes: number): string {
  const shape = builder.shape(name);
  if (shape.length !== 1) return name;
  return builder.reshape(name, shape[0] === 1 ? [] : [...shape, ...new Array<number>(axes).fill(1)]);
}

/** Puts float products in the place of a node whose inputs hold integers as real numbers. */
type Rewriting = (node: Node, builder: TensorBuilder) => string;

/** The operator, written in others if one of two inputs holds integers as real numbers. */
function straightThrough(operator: Operator, right: number, rewriting: Rewriting): Operator {
  return {
    ...operator,
    upgrade: (node, opset, builder) => {
      const upgraded = operator.upgrade?.(node, opset, builder) ?? node;
      const isHeld = [0, right].some((index) =>
        isFloating(builder.type(node.inputs[index] ?? '').elementType),
      );
      return isHeld ? standIn(node, rewriting(upgraded, builder)) : upgraded;
    },
  };
}

/** x − z_x and w − z_w of an integer product, with their zero points per row of w or of x. */
function centeredFactors(
  node: Node,
  builder: TensorBuilder,
  rows: { readonly left: number; readonly right: number },
): readonly [string, string] {
  const [x = '', w = '', xZero = '', wZero = ''] = node.inputs;
  const [held = x] = [x, w].filter((name) => isFloating(builder.type(name).elementType));
  const { elementType } = builder.type(held);
  const factor = (name: string, zero: string, axes: number) =>
    centered(builder, name, {
      elementType,
      zeroPoint: zero === '' ? undefined : perRow(builder, zero, axes),
    });
  return [factor(x, xZero, rows.left), factor(w, wZero, rows.right)];
}

/** The real numbers that two factors stand for, each of which has a scale and a zero point. */
function dequantizedFactors(
  node: Node,
  builder: TensorBuilder,
  rows: { readonly left: number; readonly right: number },
): readonly [string, string] {
  const [x = '', xScale = '', xZero = '', w = '', wScale = '', wZero = ''] = node.inputs;
  const factor = (name: string, parameters: readonly [string, string], axes: number) => {
    const [scale, zeroPoint] = parameters.map((parameter) => perRow(builder, parameter, axes));
    return dequantized(builder, name, { scale: scale ?? '', zeroPoint });
  };
  return [factor(x, [xScale, xZero], rows.left), factor(w, [wScale, wZero], rows.right)];
}

/** The integers of the output of a node whose inputs 6 and 7 are its scale and its zero point. */
function requantized(node: Node, builder: TensorBuilder, y: string): string {
  const [scale = '', zeroPoint = ''] = node.inputs.slice(6);
  const { elementType: to } = builder.type(zeroPoint);
  const single = (name: string) => perRow(builder, name, 1);
  return quantized(builder, y, { scale: single(scale), zeroPoint: single(zeroPoint), node, to });
}

const spatialAxes = (builder: TensorBuilder, weights = '') => builder.shape(weights).length - 1;

/** QLinearConv, QLinearMatMul, ConvInteger, MatMulInteger: without a derivative. */
export const quantizedProducts: Readonly<Record<string, Operator>> = {
  ConvInteger: convInteger,
  MatMulInteger: matMulInteger,
  QLinearConv: qLinearConv,
  QLinearMatMul: qLinearMatMul,
};

/** The same operators as products of real numbers, for integers that are held as real numbers. */
export const straightThroughProducts: Readonly<Record<string, Operator>> = {
  ConvInteger: straightThrough(convInteger, 1, (node, builder) => {
    const rows = { left: 0, right: spatialAxes(builder, node.inputs[1]) };
    return builder.conv(centeredFactors(node, builder, rows), convAttributes(node));
  }),
  MatMulInteger: straightThrough(matMulInteger, 1, (node, builder) =>
    builder.matMul(...centeredFactors(node, builder, { left: 1, right: 0 })),
  ),
  QLinearConv: straightThrough(qLinearConv, 3, (node, builder) => {
    const [, xScale = '', , weights = '', wScale = ''] = node.inputs;
    const factors = dequantizedFactors(node, builder, { left: 0, right: spatialAxes(builder, weights) });
    const bias = node.inputs[8] ?? '';
    // The bias has the scale s_x s_w and no zero point.
    const biasScale = builder.mul(perRow(builder, xScale, 0), perRow(builder, wScale, 0));
    const addend =
      bias === '' ? undefined : dequantized(builder, bias, { scale: biasScale, zeroPoint: undefined });
    return requantized(node, builder, builder.conv([...factors, addend], convAttributes(node)));
  }),
  QLinearMatMul: straightThrough(qLinearMatMul, 3, (node, builder) => {
    const factors = dequantizedFactors(node, builder, { left: 1, right: 0 });
    return requantized(node, builder, builder.matMul(...factors));
  }),
};
