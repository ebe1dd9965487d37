import {
  type BlockRows,
  type RawNetwork,
  type CallSize,
  engineNetwork,
  type FloatArray,
  type NarrowedNetwork,
  type Run,
} from '@edjm/core';
import { gramBlocks, tensorNames, type Graph, type NetworkGraph } from '@edjm/onnx-autodiff';
import type { Feeds, SessionPool } from '../runtime/sessionPool.ts';
import { constantJacobian } from './constantJacobian.ts';
import { probeSamples } from './probeSamples.ts';
import { checkWhole, wholeColumns } from './wholeNumbers.ts';

/** The most samples in a run: more of them make the products no faster, and their operands leave the cache. */
const LARGEST_RUN = 500;
/** The fewest samples in a run, if the batch has them: fewer make the products thin. */
const SMALLEST_RUN = 4;
/** The intermediate values of a run may take so many bytes for most of them to stay in a processor's last cache. */
const CACHED_BYTES = 2 ** 25;
/** Rows, about, whose Gram matrix is formed at once: fewer make it thin. */
const GRAM_ROWS = 256;
/** A session keeps the memory that it has used, in pieces that double, so that no run asks for new pages. */
const KEPT_MEMORY = 2;
/** Copies of the weights that a session takes: the file it is made from, its own, and one packed for its products. */
const WEIGHT_COPIES = 3;
/** Outputs that a run is taken to serve, for the choice of the batch size. */
const USUAL_OUTPUTS = 10;
/** Samples at which a map that is said to be affine is looked at. */
const PROBES = 5;

/** The number of samples at which a run is fastest, by the intermediate values that one more adds. */
function fastestRun(graph: NetworkGraph): number {
  const outputs = Math.min(graph.dOut, USUAL_OUTPUTS);
  const bytes = (n: number) => graph.vjpGraph(n, outputs).workspaceBytes;
  const fitting = Math.floor(CACHED_BYTES / Math.max(1, bytes(2) - bytes(1)));
  // A run that forms its Gram matrices alone writes fewer of them the longer it is, which is worth some of the cache.
  return fitting >= GRAM_ROWS ? LARGEST_RUN : Math.max(SMALLEST_RUN, fitting);
}

/**
 * A network in ONNX Runtime: every kind, size and number of outputs of a run has a session of its own.
 *
 * @param given - inputs of every run: the parameters of a network that is trained.
 */
export function onnxNetwork(graph: NetworkGraph, pool: SessionPool, given?: () => Feeds): RawNetwork {
  const { name, inputShape, dIn, dOut, head, precision } = graph;
  const largestRun = graph.fixedBatchSize ?? fastestRun(graph);
  const whole = wholeColumns(graph);
  /** Sizes that sessions have been made for, ascending. */
  let sizes: readonly number[] = [];

  const samplesOf = ({ samples, size }: Run): Feeds => ({
    ...given?.(),
    [tensorNames.batch]: { shape: [size, graph.sampleSize], data: samples },
  });
  /** By the size of a run; undefined for a network without kinks. */
  const kinkGraphs = new Map<number, Graph | undefined>();
  const nearKinks = async (run: Run): Promise<FloatArray> => {
    const { size } = run;
    if (!kinkGraphs.has(size)) kinkGraphs.set(size, graph.nearKinksGraph(size)?.graph);
    const flags = kinkGraphs.get(size);
    if (flags === undefined) return new Float32Array(size);
    return pool.run(`near kinks ${String(size)}`, () => flags, samplesOf(run));
  };
  /** K × size × d_in rows for as many cotangents. */
  const rows = (run: Run, cotangents: FloatArray): Promise<FloatArray> => {
    const k = cotangents.length / (run.size * dOut);
    return pool.run(`vjp ${String(run.size)} ${String(k)}`, () => graph.vjpGraph(run.size, k).graph, {
      ...samplesOf(run),
      [tensorNames.cotangents]: { shape: [k, run.size, dOut], data: cotangents },
    });
  };

  const grams: Pick<RawNetwork, 'gram' | 'gramOfRows'> = {
    // In one graph: rows never leave the engine.
    async gram(run, { outputs, all }) {
      const [k, { size }] = [outputs.length, run];
      const blocks = await pool.runAll(
        `gram ${String(size)} ${String(k)}`,
        () => graph.gramGraph(size, k).graph,
        { ...samplesOf(run), [tensorNames.cotangents]: { shape: [k, size, dOut], data: all() } },
      );
      return blocksOf(blocks, { outputs: k, dIn });
    },
    async gramOfRows({ outputs, n, data }) {
      const k = outputs.length;
      const blocks = await pool.runAll(
        `gram of rows ${String(n)} ${String(k)}`,
        () => graph.gramOfRowsGraph(n, k).graph,
        { [tensorNames.rows]: { shape: [k, n, dIn], data } },
      );
      return blocksOf(blocks, { outputs: k, dIn });
    },
  };

  return {
    name,
    inputShape,
    inputs: graph.inputs.map((input) => ({ name: input.name, shape: input.shape })),
    dIn,
    dOut,
    outputKind: head.kind === 'as-is' ? 'as-is' : 'logit',
    head,
    precision,
    preferredBatchSize: largestRun * Math.max(1, Math.floor(GRAM_ROWS / largestRun)),
    fixedRunSize: graph.fixedBatchSize,
    largestRun,
    runSize(n) {
      const known = sizes.find((size) => size >= n && size <= 2 * n + LARGEST_RUN);
      if (known !== undefined) return known;
      const size = Math.max(n, 2);
      sizes = [...sizes, size].sort((a, b) => a - b);
      return size;
    },
    checkSamples(samples) {
      checkWhole(graph, samples, whole);
    },
    forward: (run) =>
      pool.run(`forward ${String(run.size)}`, () => graph.forwardGraph(run.size).graph, samplesOf(run)),
    ...(precision === 'float32' && { nearKinks }),
    vjp: rows,
    async jacobian(run, { outputs, all }) {
      const data = await rows(run, all());
      const length = run.size * dIn;
      return outputs.map((_, place) => data.subarray(place * length, (place + 1) * length));
    },
    // Products in float32 would drown small singular values.
    ...(pool.float64 && grams),
    // An affine map would move with the parameters.
    ...(given === undefined && { narrowed: (atMost: number) => narrowed(graph, pool, atMost) }),
    workspaceBytes: (call) => workspaceBytes(graph, call, pool.float64),
    explain: (size, outputs) => graph.explain(size, outputs),
    dispose: () => pool.dispose(),
  };
}

/** For each output the block rows of its Gram matrix, of arrays that hold those of all outputs. */
function blocksOf(
  arrays: readonly FloatArray[],
  { outputs, dIn }: { readonly outputs: number; readonly dIn: number },
): readonly BlockRows[] {
  return Array.from({ length: outputs }, (_, output) =>
    gramBlocks(dIn).map(({ first, end }, index) => {
      const size = (end - first) * end;
      const data = arrays[index]?.subarray(output * size, (output + 1) * size) ?? new Float64Array();
      return { rows: end - first, columns: end, data };
    }),
  );
}

/** The network behind its first affine maps, if these are affine in the engine as well. */
async function narrowed(
  graph: NetworkGraph,
  pool: SessionPool,
  atMost: number,
): Promise<NarrowedNetwork | undefined> {
  const parts = graph.narrowed();
  if (parts === undefined || parts.rest.dIn > atMost) return undefined;
  const rows = Math.max(PROBES, graph.fixedBatchSize ?? 0);
  const probes = { rows, columns: graph.sampleSize, data: probeSamples(graph, rows) };
  const [h, dIn] = [parts.rest.dIn, graph.dIn];
  const matrix = { rows: h, columns: dIn, data: new Float64Array(h * dIn) };
  let filled = 0;
  for (const part of parts.first) {
    await using first = engineNetwork(onnxNetwork(part, pool.another()));
    const jacobian = await constantJacobian(first, probes);
    if (jacobian === undefined) return undefined;
    matrix.data.set(jacobian.data, filled);
    filled += jacobian.data.length;
  }
  return { network: engineNetwork(onnxNetwork(parts.rest, pool.another())), matrix };
}

function workspaceBytes(
  graph: NetworkGraph,
  { size, runs, outputs, call }: CallSize,
  float64: boolean,
): number {
  const formsGrams = call === 'gram' && float64;
  const isWhole = runs === 1 && formsGrams;
  const run = isWhole ? graph.gramGraph(size, outputs) : graph.vjpGraph(size, outputs);
  // An analysis also runs a forward pass of its own.
  const kinks = graph.precision === 'float32' ? graph.nearKinksGraph(size) : undefined;
  const beside =
    kinks === undefined ? 0 : KEPT_MEMORY * kinks.workspaceBytes + WEIGHT_COPIES * weightBytes(kinks.graph);
  const own = KEPT_MEMORY * run.workspaceBytes + WEIGHT_COPIES * weightBytes(run.graph) + beside;
  if (runs === 1 || !formsGrams) return own;
  return own + KEPT_MEMORY * graph.gramOfRowsGraph(runs * size, outputs).workspaceBytes;
}

function weightBytes({ initializers }: Graph): number {
  return [...initializers.values()].reduce((sum, { bytes }) => sum + bytes.length, 0);
}
