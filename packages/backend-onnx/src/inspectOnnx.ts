import type { ModelInspection } from '@edjm/core';
import { inspectGraph } from '@edjm/onnx-autodiff';
import { isNetwork, networkToModel } from './network/networkToModel.ts';
import { readModelSource } from './modelSource.ts';
import type { OnnxLoadOptions, OnnxSource } from './onnxBackend.ts';

/**
 * Describes an .onnx file, or a network as data as the ONNX operators that compute it, without an engine: inputs, outputs, tensors that can be chosen, operators
 * with their derivatives, parameters and the head.
 *
 * @throws EdjmError `NOT_FOUND`, `INVALID_FILE`.
 *
 * @example
 * ```ts
 * import { inspectOnnx } from '@edjm/backend-onnx';
 *
 * const { inputs, parameters, head } = await inspectOnnx('model.onnx');
 * console.log(inputs, parameters.count, head?.kind);
 * ```
 */
export async function inspectOnnx(
  source: OnnxSource,
  options: Omit<OnnxLoadOptions, 'outputKind' | 'maxMemory'> = {},
): Promise<ModelInspection> {
  const { name, model } = isNetwork(source)
    ? { name: source.name, model: networkToModel(source) }
    : await readModelSource(source);
  return inspectGraph(model, { ...options, name });
}
