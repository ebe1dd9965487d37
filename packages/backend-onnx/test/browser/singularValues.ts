import { analyze, type DenseMatrix } from '@edjm/core';
import { memoryDataset } from '@edjm/testing/page';
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
  const { outputs } = await analyze(network, memoryDataset(samples));
  return outputs.map((output) => output.singularValues);
}
