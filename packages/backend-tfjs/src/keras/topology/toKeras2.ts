import type { io } from '@tensorflow/tfjs';
import type { Json } from '../json.ts';
import { allArrays, type LayerWeights } from '../weights/layerWeights.ts';
import { translateTopology } from './topology.ts';
import { arraysOfNames } from '../weights/weightNames.ts';

/**
 * The topology of a layers model, as TensorFlow.js deserializes it: in the manner of Keras 2, whoever wrote it. Models that
 * TensorFlow.js wrote itself, and results of this function, stay as they are. So do layers of classes that the caller may
 * have registered.
 *
 * @param topology - The field modelTopology of a model.json, or the config that Keras writes of a model.
 * @param name - The file, as messages name it.
 * @throws EdjmError `INVALID_FILE` for JSON that describes no model, `UNSUPPORTED`, naming the layer, if TensorFlow.js
 * computes it differently from Keras.
 */
export function toKeras2Topology(topology: unknown, name: string = 'the model'): object {
  return translateTopology(topology as Json, { file: name, keepsForeign: true }).topology;
}

/**
 * The artifacts of a layers model, as TensorFlow.js loads them: their topology as `toKeras2Topology` gives it, and
 * weights that Keras 3 named model/dense/kernel under the names that TensorFlow.js looks for, dense/kernel.
 *
 * @param artifacts - The contents of a model.json and its weights.
 * @param name - The file, as messages name it.
 * @throws EdjmError as `toKeras2Topology` does, and `INVALID_FILE` for weights that are not those of the layers.
 */
export function toKeras2Artifacts(artifacts: io.ModelArtifacts, name: string): io.ModelArtifacts {
  const topology = artifacts.modelTopology as Json | undefined;
  const model = translateTopology(topology ?? null, { file: name, keepsForeign: true });
  const { weightSpecs } = artifacts;
  const isRenamed = model.origin === 'keras-3' && weightSpecs !== undefined && !model.keepsLayers;
  return {
    ...artifacts,
    modelTopology: model.topology,
    ...(isRenamed && { weightSpecs: renamed(weightSpecs, model.weights, name) }),
  };
}

function renamed(
  specs: readonly io.WeightsManifestEntry[],
  { layers }: LayerWeights,
  name: string,
): io.WeightsManifestEntry[] {
  const ofModel = specs.filter(({ group }) => group !== 'optimizer');
  const known = new Set(layers.flatMap(allArrays).map(({ array }) => array.tfjsName));
  if (ofModel.every((spec) => known.has(spec.name))) return [...specs];
  const arrays = arraysOfNames(
    layers,
    ofModel.map((spec) => spec.name),
    name,
  );
  const names = new Map(ofModel.map((spec, index) => [spec, arrays[index]?.array.tfjsName ?? spec.name]));
  return specs.map((spec) => ({ ...spec, name: names.get(spec) ?? spec.name }));
}
