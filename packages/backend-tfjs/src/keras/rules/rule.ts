import type { JsonObject } from '../json.ts';
import type { LayerFields } from '../topology/layerFields.ts';
import type { LayerArray } from '../weights/layerWeights.ts';

/** A layer as TensorFlow.js builds it. */
export interface TfjsLayer {
  /** Its class there; the same as Keras's unless told otherwise. */
  readonly className?: string;
  /** Its config, in snake case, without its name. */
  readonly config: JsonObject;
  /** Its weights, in Keras's order. */
  readonly arrays?: readonly LayerArray[];
  /** The attribute of Keras's layer that holds them, if it is not the layer itself. */
  readonly holder?: string;
}

/** Translates a class of layers of Keras; throws for layers that TensorFlow.js computes differently. */
export type LayerRule = (fields: LayerFields) => TfjsLayer;

/** Rules by class. */
export type LayerRules = Readonly<Record<string, LayerRule>>;
