/**
 * Matrix products.
 *
 *     MatMul  Y = A B           ∂A = G Bᵀ            ∂B = Aᵀ G
 *     Gemm    Y = α A′ B′ + β C   ∂A′ = α G B′ᵀ   ∂B′ = α A′ᵀ G   ∂C = β G
 *
 * A′ is A or Aᵀ; ranks above 2 are batches and broadcast; ranks of 1 are a row on the left and a column on the right.
 */
import { affineIn } from '../../graph/affine.ts';
import { EdjmError } from '@edjm/core';
import { broadcastShapes, unbroadcast } from '../../graph/broadcasting.ts';
import type { TensorBuilder } from '../../graph/tensorBuilder.ts';
import { describeNode, floatAttribute, intAttribute, withAttributes } from '../../model/graph.ts';
import type { Operator } from '../../graph/operator.ts';

/** A tensor with its last two axes exchanged. */
function transposed(builder: TensorBuilder, name: string): string {
  const rank = builder.shape(name).length;
  const perm = Array.from({ length: rank }, (_, axis) => (axis < rank - 2 ? axis : 2 * rank - 3 - axis));
  return builder.transpose(name, perm);
}

const matMul: Operator = {
  affine: affineIn([0], [1]),
  infer: ({ node, input }) => {
    const a = input(0).shape.length === 1 ? [1, ...input(0).shape] : input(0).shape;
    const b = input(1).shape.length === 1 ? [...input(1).shape, 1] : input(1).shape;
    if (a.at(-1) !== b.at(-2)) {
      throw new EdjmError(
        'SHAPE_MISMATCH',
        `${describeNode(node)}: expected inner dimensions that agree, got [${input(0).shape.join(', ')}] and [${input(1).shape.join(', ')}].`,
      );
    }
    const batch = broadcastShapes(node, a.slice(0, -2), b.slice(0, -2));
    const rows = input(0).shape.length === 1 ? [] : [a.at(-2) ?? 1];
    const columns = input(1).shape.length === 1 ? [] : [b.at(-1) ?? 1];
    return [{ elementType: input(0).elementType, shape: [...batch, ...rows, ...columns] }];
  },
  vjp: ({ builder, node, input, needs, cotangent }) => {
    const aShape = builder.shape(input(0));
    const bShape = builder.shape(input(1));
    const a = aShape.length === 1 ? builder.reshape(input(0), [1, ...aShape]) : input(0);
    const b = bShape.length === 1 ? builder.reshape(input(1), [...bShape, 1]) : input(1);
    const output = builder.shape(node.outputs[0] ?? '');
    const batch = output.slice(0, output.length - Number(aShape.length > 1) - Number(bShape.length > 1));
    const [k = 1] = builder.shape(cotangent());
    const g = builder.reshape(cotangent(), [
      k,
      ...batch,
      builder.shape(a).at(-2) ?? 1,
      builder.shape(b).at(-1) ?? 1,
    ]);
    const back = (product: string, matrix: string, shape: readonly number[]) =>
      builder.reshape(unbroadcast(builder, product, builder.shape(matrix)), [k, ...shape]);
    return [
      needs(0) ? back(builder.matMul(g, transposed(builder, b)), a, aShape) : undefined,
      needs(1) ? back(builder.matMul(transposed(builder, a), g), b, bShape) : undefined,
    ];
  },
};

const gemm: Operator = {
  affine: affineIn([0, 2], [1, 2]),
  upgrade: (node) => withAttributes(node, ['broadcast']),
  infer: ({ node, input }) => {
    const [m = 1, k] = intAttribute(node, 'transA', 0) === 0 ? input(0).shape : input(0).shape.toReversed();
    const [inner, n = 1] =
      intAttribute(node, 'transB', 0) === 0 ? input(1).shape : input(1).shape.toReversed();
    if (input(0).shape.length !== 2 || input(1).shape.length !== 2 || k !== inner) {
      throw new EdjmError(
        'SHAPE_MISMATCH',
        `${describeNode(node)}: expected matrices whose inner dimensions agree, got [${input(0).shape.join(', ')}] and [${input(1).shape.join(', ')}].`,
      );
    }
    return [{ elementType: input(0).elementType, shape: [m, n] }];
  },
  vjp: ({ builder, node, input, needs, cotangent }) => {
    const scaled = (name: string, factor: number) => (factor === 1 ? name : builder.mul(name, factor));
    const g = scaled(cotangent(), floatAttribute(node, 'alpha', 1));
    const transA = intAttribute(node, 'transA', 0) !== 0;
    const transB = intAttribute(node, 'transB', 0) !== 0;
    const a = input(0);
    const b = input(1);
    const dA = () => {
      const product = builder.matMul(g, transB ? b : transposed(builder, b));
      return transA ? transposed(builder, product) : product;
    };
    // The cotangent is transposed rather than the product, which has the size of the weights.
    const dB = () =>
      transB
        ? builder.matMul(transposed(builder, g), transA ? transposed(builder, a) : a)
        : builder.matMul(transA ? a : transposed(builder, a), g);
    const dC = () =>
      unbroadcast(builder, scaled(cotangent(), floatAttribute(node, 'beta', 1)), builder.shape(input(2)));
    return [needs(0) ? dA() : undefined, needs(1) ? dB() : undefined, needs(2) ? dC() : undefined];
  },
};

/** MatMul and Gemm. */
export const matrixProducts: Readonly<Record<string, Operator>> = { MatMul: matMul, Gemm: gemm };
