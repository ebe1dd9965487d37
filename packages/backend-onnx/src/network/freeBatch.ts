import { checkIndependence, EdjmError, type FloatArray } from '@edjm/core';
import { tensorNames, type NetworkGraph } from '@edjm/onnx-autodiff';
import type { EngineTensor, SessionPool } from '../runtime/sessionPool.ts';
import { onnxNetwork } from './onnxNetwork.ts';
import { probeSamples } from './probeSamples.ts';
import { wholeColumns } from './wholeNumbers.ts';

/** How far outputs of the two graphs may lie apart, relative to the largest: rounding in another order. */
const TOLERANCE = 1e-5;

const ADVICE =
  "If the batch stands on another axis, say which by the option 'batchAxis' (--batch-axis AXIS).";

/**
 * Makes sure that the samples of a batch do not mix, as `checkIndependence` of `@edjm/core` does.
 *
 * @returns the outputs that it saw.
 * @throws EdjmError `UNSUPPORTED`.
 */
export async function checkSamplesApart(
  graph: NetworkGraph,
  sessions: () => SessionPool,
): Promise<readonly FloatArray[]> {
  const raw = onnxNetwork(graph, sessions());
  try {
    return await checkIndependence(raw, { wholeColumns: wholeColumns(graph), advice: ADVICE });
  } finally {
    await raw.dispose();
  }
}

/**
 * Frees a network of the batch size that it was exported for, where that changes none of its outputs: thin batches waste
 * the engine, and a batch of one sample most of all. The outputs of both graphs are compared on probe samples; where
 * they differ, or the samples of a free batch mix, the network keeps its batch size.
 */
export async function withFreeBatch(graph: NetworkGraph, sessions: () => SessionPool): Promise<NetworkGraph> {
  const size = graph.fixedBatchSize;
  const freed = graph.withFreeBatch();
  if (size === undefined || freed === undefined) return graph;
  return (await isSame(graph, freed, { size, sessions })) && (await staysApart(freed, sessions))
    ? freed
    : graph;
}

async function isSame(
  graph: NetworkGraph,
  freed: NetworkGraph,
  { size, sessions }: { readonly size: number; readonly sessions: () => SessionPool },
): Promise<boolean> {
  await using pool = sessions();
  const samples = probeSamples(graph, size + 1);
  const run = async (network: NetworkGraph, key: string, batch: EngineTensor) => {
    const input = { [tensorNames.batch]: batch };
    const outputs = await pool.run(key, () => network.forwardGraph(batch.shape[0] ?? 0).graph, input);
    // A copy: the next run under the same key overwrites its result.
    return outputs.slice();
  };
  const rows = (first: number, count: number): EngineTensor => ({
    shape: [count, graph.sampleSize],
    data: samples.slice(first * graph.sampleSize, (first + count) * graph.sampleSize),
  });
  const first = await run(graph, 'fixed', rows(0, size));
  const shifted = await run(graph, 'fixed', rows(1, size));
  const together = await run(freed, 'free', rows(0, size + 1));
  return agree(together.subarray(0, first.length), first) && agree(together.subarray(graph.dOut), shifted);
}

async function staysApart(freed: NetworkGraph, sessions: () => SessionPool): Promise<boolean> {
  try {
    await checkSamplesApart(freed, sessions);
    return true;
  } catch (error) {
    if (EdjmError.is(error, 'UNSUPPORTED')) return false;
    throw error;
  }
}

function agree(actual: ArrayLike<number>, expected: ArrayLike<number>): boolean {
  const values = Array.from(expected);
  const largest = values.reduce((size, value) => Math.max(size, Math.abs(value)), 0);
  return values.every((value, index) => Math.abs((actual[index] ?? NaN) - value) <= TOLERANCE * largest);
}
