import { EdjmError } from '@edjm/core';
import { inferShapes } from '../layers/inferShapes.ts';
import type { Network } from '../layers/network.ts';
import { networkParameters, networkStatistics, withParameters } from '../parameters/parameters.ts';
import { readSafetensors, writeSafetensors } from '../parameters/safetensors.ts';
import { formatShape, valueCount } from '../layers/shape.ts';
import { networkFromDescription } from './networkFromDescription.ts';
import { mapped, type TensorMap } from './tensorMap.ts';
import { parseDescription } from './parseDescription.ts';

/**
 * A network from its two files, `NAME.json` with the layers and `NAME.safetensors` with the weights.
 *
 * @param json - what `JSON.parse` gives of the one, as {@link parseDescription} takes it.
 * @param weights - the bytes of the other: a tensor for every name of `networkParameters` and `networkStatistics`, and no other.
 * @param map - names that the file gives tensors or layers, as {@link TensorMap}. Defaults to none.
 * @throws EdjmError as {@link networkFromDescription} and `readSafetensors`; `INVALID_FILE` for a tensor that is missing, not of the network,
 * or of another shape, by its name; `INVALID_DATA` for weights that are not finite.
 *
 * @example
 * ```ts
 * import { readFileSync } from 'node:fs';
 * import { networkFromFiles } from '@edjm/network';
 *
 * const json: unknown = JSON.parse(readFileSync('digits.json', 'utf8'));
 * console.log(networkFromFiles(json, readFileSync('digits.safetensors')).name);
 * ```
 */
export function networkFromFiles(json: unknown, weights: Uint8Array, map?: TensorMap): Network {
  const untrained = networkFromDescription(parseDescription(json), {
    initializer: (shape) => ({ shape, data: new Float32Array(valueCount(shape)) }),
  });
  const expected = tensorsOf(untrained);
  const tensors = mapped(readSafetensors(weights).tensors, [...expected.keys()], map);
  const remedy =
    map === undefined
      ? ''
      : ", or say what the file calls them by the option 'map' (--map LAYER=NAME), such as 0=fc1 for 0.weight and 0.bias in fc1.weight and fc1.bias";
  for (const name of new Set([...expected.keys(), ...tensors.keys()])) {
    const [wanted, got] = [expected.get(name), tensors.get(name)].map((tensor) =>
      tensor === undefined ? 'none' : formatShape(tensor.shape),
    );
    if (wanted !== got) {
      throw new EdjmError(
        'INVALID_FILE',
        `${untrained.name}, tensor "${name}" of the weights: expected ${String(wanted)}, got ${String(got)}. Give the description that the weights were saved with${remedy}.`,
      );
    }
  }
  const network = withParameters(untrained, tensors);
  inferShapes(network);
  return network;
}

/**
 * The bytes of a safetensors file with the weights of a network: {@link networkFromFiles} reads it beside `describeNetwork(network)`.
 *
 * @example
 * ```ts
 * import { writeFileSync } from 'node:fs';
 * import { describeNetwork, multilayerPerceptron, networkWeights } from '@edjm/network';
 *
 * const network = multilayerPerceptron({ dIn: 4, hidden: [8], dOut: 2 });
 * writeFileSync('small.json', JSON.stringify(describeNetwork(network), null, 2));
 * writeFileSync('small.safetensors', networkWeights(network));
 * ```
 */
export function networkWeights(network: Network): Uint8Array<ArrayBuffer> {
  return writeSafetensors(tensorsOf(network));
}

function tensorsOf(network: Network): ReturnType<typeof networkParameters> {
  return new Map([...networkParameters(network), ...networkStatistics(network)]);
}
