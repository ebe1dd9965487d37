import { EdjmError } from '@edjm/core';
import { tensorNames, type NetworkGraph } from '@edjm/onnx-autodiff';
import type { Engine } from '../runtime/engine.ts';
import { providerName } from '../runtime/executionProviders.ts';
import { probeSamples } from './probeSamples.ts';
import type { SessionPool } from '../runtime/sessionPool.ts';

/** How far rows may lie from the processor's, relative to their norm: float32 is off by some 1e-6, float16 by more. */
const TOLERANCE = 1e-3;

/** Makes the sessions of an engine. */
type Sessions = (engine: Engine) => () => SessionPool;

/**
 * Makes sure that other providers than the processor compute what it computes, for a vector-Jacobian product at probe samples:
 * some have kernels that give wrong numbers for rare attributes, and say nothing, or compute in less than float32.
 *
 * @throws EdjmError `UNSUPPORTED` if the rows differ.
 */
export async function checkProviders(graph: NetworkGraph, engine: Engine, sessions: Sessions): Promise<void> {
  const names = engine.executionProviders.map(providerName);
  if (names.every((name) => name === engine.processor)) return;
  const expected = await probeRows(graph, sessions({ ...engine, executionProviders: [engine.processor] }));
  const actual = await probeRows(graph, sessions(engine));
  const error = norm(expected.map((value, index) => difference(value, actual[index] ?? NaN)));
  const size = norm(expected.filter(Number.isFinite));
  if (error <= TOLERANCE * size) return;
  throw new EdjmError(
    'UNSUPPORTED',
    `${graph.name}: expected the same rows on ${names.join(', ')} as on the processor, got rows that differ by ${((100 * error) / size).toPrecision(2)} %. Choose the provider '${engine.processor}'.`,
  );
}

/** Rows of one vector-Jacobian product at samples that are the same every time. */
async function probeRows(graph: NetworkGraph, sessions: () => SessionPool): Promise<readonly number[]> {
  await using pool = sessions();
  const n = graph.fixedBatchSize ?? 2;
  const cotangents = Array.from({ length: n * graph.dOut }, (_, index) => Math.cos(index + 1));
  const rows = await pool.run('probe', () => graph.vjpGraph(n, 1).graph, {
    [tensorNames.batch]: { shape: [n, graph.sampleSize], data: probeSamples(graph, n) },
    [tensorNames.cotangents]: {
      shape: [1, n, graph.dOut],
      data: graph.precision === 'float64' ? Float64Array.from(cotangents) : Float32Array.from(cotangents),
    },
  });
  return Array.from(rows);
}

/** Where a network is not finite at a probe, the same goes for any provider. */
function difference(expected: number, actual: number): number {
  return Number.isFinite(expected) || Number.isFinite(actual) ? actual - expected : 0;
}

function norm(values: readonly number[]): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0));
}
