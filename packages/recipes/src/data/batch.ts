import type { DenseMatrix } from '@edjm/core';
import { rowsAt } from '@edjm/linalg';
import { isLabeled, type TrainingSamples } from './samples.ts';

/** Some samples with their targets. */
export interface Batch {
  /** n × sampleSize. */
  readonly batch: DenseMatrix;
  /** n × dOut; one-hot for classes. */
  readonly targets: DenseMatrix;
}

/** The samples at these indices, in their order. */
export function batchAt(data: TrainingSamples, indices: Uint32Array, dOut: number): Batch {
  const batch = rowsAt(data.samples, indices);
  return {
    batch,
    targets: isLabeled(data) ? oneHot(data.labels, indices, dOut) : rowsAt(data.targets, indices),
  };
}

function oneHot(labels: Int32Array | Uint8Array, indices: Uint32Array, columns: number): DenseMatrix {
  const data = new Float32Array(indices.length * columns);
  for (const [row, index] of indices.entries()) data[row * columns + (labels[index] as number)] = 1;
  return { rows: indices.length, columns, data };
}
