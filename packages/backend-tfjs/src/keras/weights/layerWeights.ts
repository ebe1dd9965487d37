import type { Shape } from '../topology/layerFields.ts';

/** One array of weights of a layer. */
export interface LayerArray {
  /** TensorFlow.js's name within the layer, such as kernel. */
  readonly name: string;
  /** Keras's name, if it differs. */
  readonly alias?: string;
  /** Absent if nothing is known of it. */
  readonly shape?: Shape;
  /** Whether training changes it; so are gamma and beta of a batch normalization, but not its moving averages. */
  readonly isTrained?: boolean;
  /** Whether it is a whole number that changes nothing, such as a count of samples: it is not read. */
  readonly isIdle?: boolean;
}

/** An array that a model needs, as TensorFlow.js will ask for it. */
export interface ModelArray extends LayerArray {
  /** The name by which TensorFlow.js looks for it, such as dense/kernel. */
  readonly tfjsName: string;
}

/** The weights of a layer, in Keras's order, and those of the layers in it. */
export interface LayerWeights {
  /** The layer's name and class, as the file calls them. */
  readonly name: string;
  readonly className: string;
  /** Whether the layer is to be trained: Keras lists the weights of frozen layers last. */
  readonly isTrained: boolean;
  /** Its own arrays. */
  readonly arrays: readonly ModelArray[];
  /** The attribute whose arrays these are: the cell of a recurrent layer. Empty for the layer itself. */
  readonly holder: string;
  /** The wrapped layers, by the attribute that holds them. */
  readonly wrapped: readonly { readonly attribute: string; readonly weights: LayerWeights }[];
  /** The layers of a model, in order. */
  readonly layers: readonly LayerWeights[];
}

/** An array, and the layer that it belongs to. */
export interface OwnedArray {
  readonly array: ModelArray;
  readonly layer: LayerWeights;
}

/** All arrays of a layer and of the layers in it, in order. */
export function allArrays(layer: LayerWeights): readonly OwnedArray[] {
  return [
    ...layer.arrays.map((array) => ({ array, layer })),
    ...layer.wrapped.flatMap(({ weights }) => allArrays(weights)),
    ...layer.layers.flatMap(allArrays),
  ];
}

/** Whether an array may have this shape. */
export function fits(shape: readonly number[], expected: Shape | undefined): boolean {
  if (expected === undefined) return true;
  return (
    shape.length === expected.length && expected.every((size, axis) => size === null || size === shape[axis])
  );
}

/** A shape for messages, with ? for a size that is not known. */
export function shapeText(shape: Shape): string {
  return `[${shape.map((size) => size ?? '?').join(', ')}]`;
}
