import { EdjmError } from '@edjm/core';
import { describeNode, type Node } from '../model/graph.ts';
import type { TensorBuilder } from './tensorBuilder.ts';
import { sizeOf, tensorOf, valuesOf, type ElementType, type Tensor } from '../model/tensor.ts';

/** The shape that the given shapes broadcast to (NumPy's rule, which is ONNX's); the node is for the message. */
export function broadcastShapes(node: Node, ...shapes: readonly (readonly number[])[]): readonly number[] {
  return shapes.reduce((a, b) => broadcastPair(node, a, b), []);
}

function broadcastPair(node: Node, a: readonly number[], b: readonly number[]): readonly number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const left = a[axis - rank + a.length] ?? 1;
    const right = b[axis - rank + b.length] ?? 1;
    if (left !== right && left !== 1 && right !== 1) {
      throw new EdjmError(
        'SHAPE_MISMATCH',
        `${describeNode(node)}: expected shapes that broadcast, got [${a.join(', ')}] and [${b.join(', ')}].`,
      );
    }
    return left === 1 ? right : left;
  });
}

/**
 * The adjoint of broadcasting: sums a cotangent of shape [K, …s] over the axes along which an operand of the given
 * shape was repeated, and gives [K, …shape].
 */
export function unbroadcast(builder: TensorBuilder, cotangent: string, shape: readonly number[]): string {
  const [k = 1, ...from] = builder.shape(cotangent);
  if (from.length === shape.length && from.every((dimension, axis) => dimension === shape[axis]))
    return cotangent;
  const missing = from.length - shape.length;
  const axes = from.flatMap((dimension, axis) =>
    axis < missing || (shape[axis - missing] === 1 && dimension !== 1) ? [axis + 1] : [],
  );
  const summed = axes.length === 0 ? cotangent : builder.reduceSum(cotangent, axes);
  return builder.reshape(summed, [k, ...shape]);
}

/** Row-major strides, with 0 along the axes that a broadcast to `target` repeats. */
export function broadcastStrides(shape: readonly number[], target: readonly number[]): number[] {
  const strides = new Array<number>(target.length).fill(0);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const dimension = shape[axis] ?? 1;
    if (dimension !== 1) strides[axis + target.length - shape.length] = stride;
    stride *= dimension;
  }
  return strides;
}

/** For every element of an array of the given shape, in row-major order, its offset under the given strides. */
export function offsets(shape: readonly number[], strides: readonly number[], start = 0): number[] {
  let result = [start];
  shape.forEach((dimension, axis) => {
    const stride = strides[axis] ?? 0;
    result = result.flatMap((base) => Array.from({ length: dimension }, (_, index) => base + index * stride));
  });
  return result;
}

/** The function that {@link foldElementwise} applies to the operands' elements. */
export interface ElementwiseFold {
  /** Type of the result. */
  readonly elementType: ElementType;
  readonly evaluate: (...values: number[]) => number;
}

/** Folds an elementwise function of constants that broadcast against each other. */
export function foldElementwise(
  node: Node,
  tensors: readonly (Tensor | undefined)[],
  { elementType, evaluate }: ElementwiseFold,
): Tensor {
  const present = tensors.filter((tensor) => tensor !== undefined);
  const shape = broadcastShapes(node, ...present.map((tensor) => tensor.shape));
  const operands = present.map((tensor) => {
    const values = valuesOf(tensor);
    return offsets(shape, broadcastStrides(tensor.shape, shape)).map((offset) => values[offset] ?? 0);
  });
  const values = Array.from({ length: sizeOf(shape) }, (_, index) =>
    evaluate(...operands.map((operand) => operand[index] ?? 0)),
  );
  return tensorOf(elementType, shape, values);
}
