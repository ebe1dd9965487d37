import type * as TensorFlow from '@tensorflow/tfjs';
import type { Tf } from '../engines/tf.ts';
import type { SvdDense, SvdDenseConstructor } from './svdDense.ts';

type Json = Exclude<ReturnType<TensorFlow.LayersModel['toJSON']>, string>;

/** The fields of an SVD layer's configuration in a saved model that a Dense layer does not have. */
const SVD_ONLY = new Set(['rank', 'seed', 'singular_value_regularizer']);

/** A new model with Dense layers in the place of SVD layers, and the same weights otherwise. */
export async function mergeSvd(
  tf: Tf,
  SvdDense: SvdDenseConstructor,
  model: TensorFlow.LayersModel,
): Promise<TensorFlow.LayersModel> {
  const isSvd = (layer: TensorFlow.layers.Layer): layer is SvdDense => layer instanceof SvdDense;
  const merged = await tf.models.modelFromJSON(
    withDense(model.toJSON(null, false) as Json, SvdDense.className),
  );
  const targets = innermostLayers(merged);
  for (const [index, source] of innermostLayers(model).entries()) {
    const weights = isSvd(source) ? source.mergedWeights() : source.getWeights();
    targets[index]?.setWeights(weights);
    if (isSvd(source)) tf.dispose(weights);
  }
  return merged;
}

/** A layer as a saved model has it, and those within it if it is a model. */
function withDense(layer: Json, svdClass: string): Json {
  const { config } = layer;
  if (!isObject(config)) return layer;
  if (layer['class_name'] === svdClass) {
    const kept = Object.entries(config).filter(([name]) => !SVD_ONLY.has(name));
    return { ...layer, class_name: 'Dense', config: Object.fromEntries(kept) };
  }
  const { layers } = config;
  if (!Array.isArray(layers)) return layer;
  const changed = layers.map((inner) => (isObject(inner) ? withDense(inner, svdClass) : inner));
  return { ...layer, config: { ...config, layers: changed } };
}

function isObject(value: Json[string] | undefined): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The layers of a model in order, those of models within it in the place of these. */
function innermostLayers(model: TensorFlow.LayersModel): TensorFlow.layers.Layer[] {
  return model.layers.flatMap((layer) =>
    'layers' in layer ? innermostLayers(layer as TensorFlow.LayersModel) : [layer],
  );
}
