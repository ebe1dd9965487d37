import {
  checkLoadMemory,
  EdjmError,
  type DifferentiableNetwork,
  engineNetwork,
  headOfOutputs,
  type FloatArray,
  type Head,
  type LoadOptions,
  type RawNetwork,
  type TrainableBackend,
  trainableEngineNetwork,
  withOutputKind,
  type TrainableNetwork,
} from '@edjm/core';
import { logitsOf, type Network } from '@edjm/network';
import { type Graph, NetworkGraph, type NetworkGraphOptions, withParameters } from '@edjm/onnx-autodiff';
import type { Engine, EngineOptions } from './runtime/engine.ts';
import { checkProviders } from './network/checkProviders.ts';
import { providerName } from './runtime/executionProviders.ts';
import { isNetwork, networkToModel } from './network/networkToModel.ts';
import { loadEngine } from './runtime/loadEngine.ts';
import { readModelSource } from './modelSource.ts';
import { onnxNetwork } from './network/onnxNetwork.ts';
import { probeSamples } from './network/probeSamples.ts';
import { SessionPool } from './runtime/sessionPool.ts';
import { onnxTrainableNetwork } from './training/onnxTrainableNetwork.ts';
import { checkSamplesApart, withFreeBatch } from './network/freeBatch.ts';

/** Sessions of a network that is trained: steps of full and last batches, outputs, rows, gradients. They hold no weights. */
const TRAINING_SESSIONS = 16;

/** Options of the ONNX backend's `load`: which function of the model is meant. */
export type OnnxLoadOptions = LoadOptions & Omit<NetworkGraphOptions, 'name' | 'replacedBatchSize'>;

/** A path (in Node) or URL, the bytes of an .onnx file with its weights inside, or a network as data. */
export type OnnxSource = string | URL | Uint8Array | Network;

/**
 * Jacobians of any .onnx file with ONNX Runtime: the reverse pass and the Gram products are written as nodes of one graph,
 * so one run of the engine turns a batch of samples into the Gram matrices of all outputs.
 *
 * `load` throws `NOT_FOUND`, `INVALID_FILE`, `UNSUPPORTED` (an operator without a rule), `AMBIGUOUS` (several
 * inputs or outputs and none chosen), `MEMORY_LIMIT` (samples too large) or `ENGINE_UNAVAILABLE`.
 *
 * @example
 * ```ts
 * import { onnxBackend } from '@edjm/backend-onnx';
 * import { multilayerPerceptron } from '@edjm/network';
 *
 * const source = multilayerPerceptron({ dIn: 4, hidden: [8], dOut: 2, seed: 1 });
 * const network = await onnxBackend().load(source);
 * const { data } = await network.forward({ rows: 1, columns: 4, data: Float32Array.of(1, 2, 3, 4) });
 * console.log(data.length); // 2
 * await network.dispose();
 * ```
 */
export function onnxBackend(options: EngineOptions = {}): TrainableBackend<OnnxSource, OnnxLoadOptions> {
  let loaded: Promise<Engine> | undefined;
  return {
    name: 'onnx',
    async load(source, { outputKind = 'logit', ...loadOptions } = {}): Promise<DifferentiableNetwork> {
      loaded ??= loadEngine(options);
      const engine = await loaded;
      const read: Loaded = isNetwork(source) ? withoutHead(source) : await readModelSource(source);
      return withOutputKind(await networkOf(read, engine, loadOptions), outputKind);
    },
    async loadTrainable(source): Promise<TrainableNetwork> {
      if (typeof source !== 'object' || !isNetwork(source)) {
        throw new EdjmError(
          'UNSUPPORTED',
          'expected a network as data to train, got an ONNX model. Give the layers with @edjm/network.',
        );
      }
      loaded ??= loadEngine(options);
      const pool = new SessionPool(await loaded, {
        name: source.name,
        precision: 'float32',
        kept: TRAINING_SESSIONS,
      });
      return trainableEngineNetwork(onnxTrainableNetwork(source, pool));
    },
  };
}

/** A model in an engine, differentiated with respect to what the options say. */
async function networkOf(
  read: Loaded,
  engine: Engine,
  options: Omit<OnnxLoadOptions, 'outputKind'>,
): Promise<DifferentiableNetwork> {
  const { name, model } = read;
  const graph = new NetworkGraph(model, { name, ...options });
  checkPrecision(graph, engine);
  checkLoadMemory(name, trialBytes(graph), options.maxMemory);
  const sessions = (on: Engine) => () => new SessionPool(on, { name, precision: graph.precision });
  const seen = await checkSamplesApart(graph, sessions(engine));
  const freed = await withFreeBatch(graph, sessions(engine));
  await checkProviders(freed, engine, sessions);
  // The head of a network as data is named by its layer.
  const { head: written = graph.head } = read;
  const raw = onnxNetwork(freed, sessions(engine)());
  const outputs = seen.length > 0 || written.kind !== 'none' ? seen : await someOutputs(freed, raw);
  const head = (written.kind === 'none' ? headOfOutputs(outputs) : undefined) ?? written;
  return engineNetwork({
    ...raw,
    head,
    outputKind: head.kind === 'as-is' ? 'as-is' : 'logit',
    reparameterized: (change) =>
      networkOf({ ...read, model: withParameters(model, change) }, engine, options),
  });
}

/** Outputs of a few samples, of a network whose samples were never compared since it was exported for one at a time. */
async function someOutputs(graph: NetworkGraph, raw: RawNetwork): Promise<readonly FloatArray[]> {
  const samples = probeSamples(graph, TRIED);
  const outputs: FloatArray[] = [];
  for (let first = 0; first < TRIED; first++) {
    const own = samples.subarray(first * graph.sampleSize, (first + 1) * graph.sampleSize);
    try {
      outputs.push((await raw.forward({ samples: own, size: 1, rows: 1 })).slice(0, graph.dOut));
    } catch (error) {
      // Samples of nobody's may be none that the network takes; real ones tell.
      if (!EdjmError.is(error, 'ENGINE_FAILED')) throw error;
    }
  }
  return outputs;
}

/** Samples that a network which takes any number of them is tried with at most. */
const TRIED = 3;

/** Bytes of the samples that the network is tried with, as numbers and in the engine, and of the values on the way to its outputs. */
function trialBytes(graph: NetworkGraph): number {
  const { fixedBatchSize: size = TRIED, sampleSize } = graph;
  const samples = (size + 1) * sampleSize * 2 * Float64Array.BYTES_PER_ELEMENT;
  return samples + graph.forwardGraph(size).workspaceBytes;
}

/** A model, and the head that it was written without. */
interface Loaded {
  readonly name: string;
  readonly model: Graph;
  readonly head?: Head;
}

/** A network as data as a model that gives its logits. */
function withoutHead(source: Network): Loaded {
  const { network, head } = logitsOf(source);
  return { name: network.name, model: networkToModel(network), head };
}

function checkPrecision(
  { name, precision }: NetworkGraph,
  { float64, executionProviders, processor }: Engine,
): void {
  if (precision === 'float32' || float64) return;
  const names = executionProviders.map(providerName).join(', ');
  throw new EdjmError(
    'UNSUPPORTED',
    `${name}: expected a network in float32 on ${names}, got one in float64. Choose the provider '${processor}'.`,
  );
}
