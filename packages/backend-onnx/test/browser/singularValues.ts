import { analyze, type Dataset, type DenseMatrix } from '@edjm/core';
import {
  onnxBackend,
  type OnnxBackendOptions,
  type OnnxLoadOptions,
  type OnnxSource,
} from '../../src/index.ts';

/** The singular values of each output's EDJM at some samples. */
export interface SpectraOf extends OnnxLoadOptions {
  readonly source: OnnxSource;
  readonly samples: DenseMatrix;
}

/** Computes them, here or in a page. */
export async function singularValues(
  { source, samples, ...options }: SpectraOf,
  backend: OnnxBackendOptions,
): Promise<readonly Float64Array[]> {
  await using network = await onnxBackend(backend).load(source, options);
  const { outputs } = await analyze(network, datasetOf(samples));
  return outputs.map((output) => output.singularValues);
}

/** Samples that lie in memory. */
export function datasetOf({ rows, columns, data }: DenseMatrix): Dataset {
  return {
    name: 'samples',
    n: rows,
    sampleShape: [columns],
    async *batches(batchSize) {
      for (let row = 0; row < rows; row += batchSize) {
        const size = Math.min(batchSize, rows - row);
        yield { rows: size, columns, data: data.subarray(row * columns, (row + size) * columns) };
      }
    },
    sha256: () => Promise.resolve(''),
  };
}
