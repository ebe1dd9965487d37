import type { Hdf5File } from './hdf5File.ts';
import { allArrays, fits, shapeText, type LayerWeights } from './layerWeights.ts';
import type { NamedArray } from './namedArray.ts';
import { invalidFile } from '../refusal.ts';
import { arraysOfNames } from './weightNames.ts';

/** The group of the weights in an .h5 file of a model. */
const MODEL_WEIGHTS = 'model_weights';

/**
 * The weights of an .h5 file: a group for each layer, whose attribute weight_names lists its arrays in order.
 *
 * @throws EdjmError `INVALID_FILE` for weights that are missing, left over, or of another shape than the layers need.
 */
export function legacyWeights(file: Hdf5File, model: LayerWeights, name: string): readonly NamedArray[] {
  const known = new Set(model.layers.map((layer) => layer.name));
  const groups = file.texts(MODEL_WEIGHTS, 'layer_names') ?? file.keys(MODEL_WEIGHTS);
  const extra = groups.find((group) => !known.has(group) && namesIn(file, group).length > 0);
  if (extra !== undefined) {
    throw invalidFile(name, {
      expected: 'weights of the layers of the model alone',
      got: `some of '${extra}'`,
    });
  }
  return model.layers.flatMap((layer) => layerWeights(file, layer, name));
}

function namesIn(file: Hdf5File, group: string): readonly string[] {
  return file.texts(`${MODEL_WEIGHTS}/${group}`, 'weight_names') ?? [];
}

function layerWeights(file: Hdf5File, layer: LayerWeights, name: string): readonly NamedArray[] {
  const names = namesIn(file, layer.name);
  if (names.length === 0 && allArrays(layer).length === 0) return [];
  return arraysOfNames([layer], names, name).map(({ array, layer: owner }, index) => {
    const stored = file.array(`${MODEL_WEIGHTS}/${layer.name}/${names[index] ?? ''}`);
    const { tfjsName, shape: expected, isIdle } = array;
    if (stored === undefined || !fits(stored.shape, expected)) {
      throw invalidFile(name, {
        expected: `shape ${shapeText(expected ?? [])} for ${tfjsName} of layer '${owner.name}' (${owner.className})`,
        got: stored === undefined ? 'no array' : shapeText(stored.shape),
      });
    }
    return {
      name: tfjsName,
      shape: stored.shape,
      values: isIdle === true ? new Float32Array(1) : stored.read(),
    };
  });
}
