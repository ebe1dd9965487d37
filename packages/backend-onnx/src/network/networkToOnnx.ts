import type { Network } from '@edjm/network';
import { writeModel } from '@edjm/onnx-autodiff';
import { networkToModel } from './networkToModel.ts';

/**
 * The bytes of an .onnx file of a network as data, for every tool that reads ONNX: input `input` `[batch, …]`, output `output` `[batch, …]`,
 * weights in float32, operator set 20. The file holds the weights, so that protocol buffers limit it to 2 GiB.
 *
 * @throws EdjmError as `inferShapes` of `@edjm/network` if the layers do not fit each other.
 *
 * @example
 * ```ts
 * import { writeFileSync } from 'node:fs';
 * import { networkToOnnx } from '@edjm/backend-onnx';
 * import { multilayerPerceptron } from '@edjm/network';
 *
 * writeFileSync('small.onnx', networkToOnnx(multilayerPerceptron({ dIn: 4, hidden: [8], dOut: 2 })));
 * ```
 */
export function networkToOnnx(network: Network): Uint8Array {
  return writeModel(networkToModel(network));
}
