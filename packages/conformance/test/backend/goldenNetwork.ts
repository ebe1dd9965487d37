import { type DenseMatrix, type DifferentiableNetwork, EdjmError, type OutputKind } from '@edjm/core';
import { rowsAt } from '@edjm/linalg';
import type { Network } from '@edjm/network';
import { goldenValues } from '../../src/reference/golden.ts';
import { applyEach, combine, gramOfRows } from '../../src/reference/matrices.ts';
import { referenceCases } from '../../src/reference/referenceCases.ts';

/**
 * A network that looks its answers up: on the samples of a reference case it is exact, on all others the nearest
 * sample's. With parts of it replaced it is a backend with a known fault.
 */
export function goldenNetwork(
  network: Network,
  outputKind: OutputKind = 'logit',
): Required<DifferentiableNetwork> {
  const reference = referenceCases().find(({ name }) => name === network.name);
  // Not a reference case: the one network that is an identity up to its softmax.
  const samples = reference?.batch;
  const golden = reference && goldenValues(reference);
  const sampleSize = samples?.columns ?? 2;
  const dOut = golden?.outputs.columns ?? 2;
  let disposed = false;

  const check = (matrix: DenseMatrix, rows: number, columns: number): void => {
    if (disposed) throw new EdjmError('INVALID_ARGUMENT', 'expected a loaded network, got a disposed one.');
    if (
      rows === 0 ||
      matrix.rows !== rows ||
      matrix.columns !== columns ||
      matrix.data.length !== rows * columns
    ) {
      throw new EdjmError('SHAPE_MISMATCH', 'expected another shape.');
    }
  };
  const lookUp = (batch: DenseMatrix, values: DenseMatrix): DenseMatrix => {
    check(batch, batch.rows, sampleSize);
    return rowsAt(values, nearestSamples(batch, samples ?? batch));
  };
  const checkOutputs = (outputs: readonly number[]): void => {
    const exist = outputs.every((k) => Number.isInteger(k) && k >= 0 && k < dOut);
    if (exist && outputs.length > 0 && new Set(outputs).size === outputs.length) return;
    throw new EdjmError('INVALID_ARGUMENT', 'expected other outputs.');
  };
  const jacobians = (batch: DenseMatrix): DenseMatrix[] =>
    golden?.jacobians.map((jacobian) => lookUp(batch, jacobian)) ?? [];

  return {
    name: network.name,
    inputShape: network.inputShape,
    inputs: [{ name: 'x', shape: network.inputShape }],
    sampleSize,
    dIn: sampleSize,
    dOut,
    outputKind,
    head: { kind: 'none' },
    precision: 'float64',
    preferredBatchSize: 4,
    forward: async (batch) => lookUp(batch, golden?.outputs ?? batch),
    vjp: async (batch, cotangents) => {
      check(cotangents, batch.rows, dOut);
      return combine(jacobians(batch), cotangents);
    },
    jvp: async (batch, tangents) => applyEach(jacobians(batch), tangents),
    jacobian: async (batch, outputs) => {
      checkOutputs(outputs);
      return outputs.map((k) => jacobians(batch)[k]!);
    },
    gram: async (batch, outputs) => {
      checkOutputs(outputs);
      return outputs.map((k) => [gramOfRows(jacobians(batch)[k]!)]);
    },
    narrowed: async () => undefined,
    activationPatterns: async ({ rows }) => ({ rows, columns: 0, data: new Uint8Array() }),
    reparameterized: async (change) => {
      const data = Float64Array.of(1);
      const values = change({ name: 'weight', shape: [1], data, role: 'weight' });
      const golden = goldenNetwork(network, outputKind);
      const factor = values?.[0] ?? 1;
      return {
        ...golden,
        vjp: async (batch, cotangents) => {
          const rows = await golden.vjp(batch, cotangents);
          return { ...rows, data: rows.data.map((value) => value * factor) };
        },
      };
    },
    nearKinks: async ({ rows }) => ({ rows, columns: 1, data: new Float64Array(rows) }),
    explain: () => [],
    workspaceBytes: (n, outputs) => 8 * n * sampleSize * outputs,
    dispose: async () => {
      disposed = true;
    },
    [Symbol.asyncDispose]: async () => {
      disposed = true;
    },
  };
}

function nearestSamples(batch: DenseMatrix, samples: DenseMatrix): number[] {
  const { columns } = batch;
  const distance = (i: number, s: number): number => {
    let sum = 0;
    for (let j = 0; j < columns; j++)
      sum += (batch.data[i * columns + j]! - samples.data[s * columns + j]!) ** 2;
    return sum;
  };
  return Array.from({ length: batch.rows }, (_, i) => {
    const distances = Array.from({ length: samples.rows }, (_, s) => distance(i, s));
    return distances.indexOf(Math.min(...distances));
  });
}
