import { EdjmError } from '@edjm/core';
import type { Layer } from './layer.ts';
import { layerOutputShape } from './layerOutputShape.ts';
import type { Network } from './network.ts';
import { checkSizes, formatShape, type Shape } from './shape.ts';

/**
 * The shapes of a sample on its way through a network: `shapes[0]` is the input's, `shapes[i + 1]` that of the
 * output of layer i. Checks everything that a backend may rely on: ranks, sizes of weights, windows that fit,
 * finite parameters.
 *
 * The branches of a residual layer are networks themselves: `inferShapes({ name, inputShape: shapes[i], layers: body })`.
 *
 * @returns `network.layers.length + 1` shapes.
 * @throws `SHAPE_MISMATCH` if a layer does not fit its input, `INVALID_ARGUMENT` for an option out of its
 * range, `INVALID_DATA` for a parameter that is not finite; the message names the network, the layer's index and type.
 *
 * @example
 * ```ts
 * import { conv2d, flatten, inferShapes } from '@edjm/network';
 *
 * const kernels = conv2d({ weight: { shape: [4, 1, 3, 3], data: new Float32Array(36) }, stride: 2 });
 * console.log(inferShapes({ name: 'edges', inputShape: [1, 9, 9], layers: [kernels, flatten()] }));
 * // [[1, 9, 9], [4, 4, 4], [64]]
 * ```
 */
export function inferShapes(network: Network): readonly Shape[] {
  const { name, inputShape, layers } = network;
  if (inputShape.length !== 1 && inputShape.length !== 3) {
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `${name}: expected an input shape [d] or [C, H, W], got ${formatShape(inputShape)}.`,
    );
  }
  checkSizes(inputShape, `${name}, input shape`);
  return shapesThrough(layers, inputShape, `${name}, `);
}

function shapesThrough(layers: readonly Layer[], inputShape: Shape, prefix: string): readonly Shape[] {
  const shapes = [inputShape];
  let shape = inputShape;
  for (const [index, layer] of layers.entries()) {
    shape = shapeBehind(layer, shape, `${prefix}layer ${index} (${layer.type})`);
    shapes.push(shape);
  }
  return shapes;
}

/** The shape that any one layer gives for an input shape; `where` names the layer in messages. */
export function shapeBehind(layer: Layer, input: Shape, where: string): Shape {
  return layer.type === 'residual' ? sumShape(layer, input, where) : layerOutputShape(layer, input, where);
}

function sumShape(layer: Extract<Layer, { type: 'residual' }>, input: Shape, where: string): Shape {
  const body = shapesThrough(layer.body, input, `${where}, body `).at(-1) as Shape;
  const shortcut = shapesThrough(layer.shortcut, input, `${where}, shortcut `).at(-1) as Shape;
  if (formatShape(body) !== formatShape(shortcut)) {
    throw new EdjmError(
      'SHAPE_MISMATCH',
      `${where}: expected body and shortcut to give the same shape, got ${formatShape(body)} and ` +
        `${formatShape(shortcut)}. Give a shortcut that changes the shape as the body does.`,
    );
  }
  return body;
}
