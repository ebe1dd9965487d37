import { networkToOnnx } from '@edjm/backend-onnx';
import { writeLayersModel } from '@edjm/backend-tfjs';
import { describeNetwork, type Network, networkWeights } from '@edjm/network';

/** Files by their paths in the folder of a run. */
export type Files = Readonly<Record<string, string | Uint8Array>>;

/** The folder of the TensorFlow.js model. */
export const LAYERS_MODEL_FOLDER = 'tfjs';

/** Its description. */
export const LAYERS_MODEL = `${LAYERS_MODEL_FOLDER}/model.json`;

/** All files of it. */
export const layersModelNames: readonly string[] = [LAYERS_MODEL, `${LAYERS_MODEL_FOLDER}/weights.bin`];

/**
 * A network in all its file formats.
 *
 * @param options - `tfjs`: whether to write a model of TensorFlow.js too.
 * @throws EdjmError `UNSUPPORTED` for layers that such a model cannot have.
 */
export function networkFiles(network: Network, { tfjs = false }: { readonly tfjs?: boolean }): Files {
  const { name } = network;
  return {
    [`${name}.onnx`]: networkToOnnx(network),
    [`${name}.safetensors`]: networkWeights(network),
    [`${name}.json`]: `${JSON.stringify(describeNetwork(network), undefined, 2)}\n`,
    ...(tfjs && layersModelFiles(network)),
  };
}

function layersModelFiles(network: Network): Files {
  const { modelJson, weights, weightsFile } = writeLayersModel(network);
  return { [LAYERS_MODEL]: modelJson, [`${LAYERS_MODEL_FOLDER}/${weightsFile}`]: weights };
}
