import { EdjmError } from '@edjm/core';
import { tensorNames, type NetworkGraph } from '@edjm/onnx-autodiff';
import type { EngineTensor, SessionPool } from '../runtime/sessionPool.ts';
import { wholeColumns } from './wholeNumbers.ts';

/** How far outputs of the two graphs may lie apart, relative to the largest: rounding in another order. */
const TOLERANCE = 1e-5;

/**
 * Frees a network of the batch size that it was exported for, where that changes none of its outputs: thin batches waste
 * the engine, and a batch of one sample most of all. The outputs of both graphs are compared on probe samples; where
 * they differ the network keeps its batch size.
 *
 * @throws EdjmError `UNSUPPORTED` if the outputs of a sample depend on the other samples of its batch.
 */
export async function withFreeBatch(graph: NetworkGraph, sessions: () => SessionPool): Promise<NetworkGraph> {
  const size = graph.fixedBatchSize;
  if (size === undefined) return graph;
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
  // The first sample again, beside others.
  const beside = { ...rows(0, size), data: rows(1, size).data };
  beside.data.set(samples.subarray(0, graph.sampleSize));
  const again = await run(graph, 'fixed', beside);
  if (!agree(again.subarray(0, graph.dOut), first.subarray(0, graph.dOut))) {
    throw new EdjmError(
      'UNSUPPORTED',
      `${graph.name}: expected outputs of a sample that do not depend on the other samples of its batch, got ones that do. Export the network in evaluation mode, or with a batch of 1.`,
    );
  }
  const freed = graph.withFreeBatch();
  if (freed === undefined) return graph;
  const together = await run(freed, 'free', rows(0, size + 1));
  const same =
    agree(together.subarray(0, first.length), first) && agree(together.subarray(graph.dOut), shifted);
  return same ? freed : graph;
}

/** Numbers between 0 and 1 without a pattern, the same ones every time; 0 or 1 where the network takes indices. */
export function probeSamples(graph: NetworkGraph, n: number): Float32Array | Float64Array {
  const whole = new Set(wholeColumns(graph));
  const values = Array.from({ length: n * graph.sampleSize }, (_, index) => {
    const value = Math.abs(Math.sin(12.9898 * (index + 1)) * 43758.5453) % 1;
    return whole.has(index % graph.sampleSize) ? Math.round(value) : value;
  });
  return graph.precision === 'float64' ? Float64Array.from(values) : Float32Array.from(values);
}

function agree(actual: ArrayLike<number>, expected: ArrayLike<number>): boolean {
  const values = Array.from(expected);
  const largest = values.reduce((size, value) => Math.max(size, Math.abs(value)), 0);
  return values.every((value, index) => Math.abs((actual[index] ?? NaN) - value) <= TOLERANCE * largest);
}
