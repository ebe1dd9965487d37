import type { DifferentiableNetwork, JacobianBackend, LoadOptions } from '@edjm/core';
import type { Network } from '@edjm/network';
import { NetworkGraph } from '@edjm/onnx-autodiff';
import { loadEngine } from './engine.ts';
import { isNetwork, networkToModel } from './networkToModel.ts';
import { readModelSource } from './modelSource.ts';
import { OnnxNetwork } from './onnxNetwork.ts';
import { SessionPool } from './sessionPool.ts';
import { withFreeBatch } from './freeBatch.ts';

/** Options of {@link onnxBackend}. */
export interface OnnxBackendOptions {
  /** Threads of one matrix product. Defaults to the number of physical cores. */
  readonly threads?: number;
}

/** Options of the ONNX backend's `load`. */
export interface OnnxLoadOptions extends LoadOptions {
  /** Name of the input to differentiate with respect to. Defaults to the model's only one. */
  readonly input?: string;
  /** Name of the output to differentiate. Defaults to the model's only one. */
  readonly output?: string;
  /** Shape of one sample, needed where the model leaves more than the batch size open. */
  readonly inputShape?: readonly number[];
}

/** A path, the bytes of an .onnx file with its weights inside, or a network as data. */
export type OnnxSource = string | URL | Uint8Array | Network;

/**
 * Jacobians of any .onnx file with ONNX Runtime: the reverse pass and the Gram products are written as nodes of one graph,
 * so one run of the engine turns a batch of samples into the Gram matrices of all outputs.
 *
 * `load` throws `NOT_FOUND`, `INVALID_FILE`, `UNSUPPORTED` (an operator without a rule), `AMBIGUOUS` (several
 * inputs or outputs and none chosen) or `ENGINE_UNAVAILABLE`.
 *
 * @example
 * ```ts
 * import { onnxBackend } from '@edjm/backend-onnx';
 * import { multilayerPerceptron } from '@edjm/network';
 *
 * const source = multilayerPerceptron({ inputSize: 4, hidden: [8], outputSize: 2, seed: 1 });
 * const network = await onnxBackend().load(source);
 * const { data } = await network.forward({ rows: 1, columns: 4, data: Float32Array.of(1, 2, 3, 4) });
 * console.log(data.length); // 2
 * await network.dispose();
 * ```
 */
export function onnxBackend(options: OnnxBackendOptions = {}): JacobianBackend<OnnxSource, OnnxLoadOptions> {
  return {
    name: 'onnx',
    async load(source, loadOptions = {}): Promise<DifferentiableNetwork> {
      const engine = await loadEngine();
      const { name, model } = isNetwork(source)
        ? { name: source.name, model: networkToModel(source) }
        : await readModelSource(source);
      const graph = new NetworkGraph(model, { name, ...loadOptions });
      const sessions = () => new SessionPool(engine, { name, precision: graph.precision, ...options });
      return new OnnxNetwork(await withFreeBatch(graph, sessions), sessions());
    },
  };
}
