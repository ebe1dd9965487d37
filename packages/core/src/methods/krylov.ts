import { krylovBlockSize, krylovBytes, krylovPasses, largestSingularValues } from '@edjm/linalg';
import type { SpectrumMethod } from '../contracts/spectrumMethod.ts';
import { asAborted } from '../run/cancellation.ts';
import { eachOutput, singleOutputs } from './eachOutput.ts';
import { edjmOperator } from './edjmOperator.ts';
import { blockSettings, halvings } from './settings.ts';

/** The largest values alone, from products with J and Jᵀ, if neither n × d_in nor d_in × d_in fits the memory. */
export const krylov: SpectrumMethod = {
  name: 'krylov',
  description: 'block Krylov on products with J and Jᵀ',
  use: 'the largest values alone, of matrices too large for the memory',
  onlyLargest: true,
  refusal: singleOutputs,
  accuracy: () => 1e-10,
  settings(job) {
    const { network, n, needed, accuracy } = job;
    const widest = krylovBlockSize({ rows: n, columns: network.dIn, count: needed, bytes: Infinity });
    return blockSettings(job, halvings(widest), { values: needed, accuracy });
  },
  bytes: ({ network, n }, { values, blockSize = values }) =>
    krylovBytes({ rows: n, columns: network.dIn, count: values, blockSize }),
  passes: ({ network, n, outputs }, { values, blockSize = 1 }) =>
    outputs.length * krylovPasses({ rows: n, columns: network.dIn, count: values, blockSize }),
  worthKeeping: ({ network: { dIn, precision }, n }) =>
    n * dIn * (precision === 'float32' ? Float32Array : Float64Array).BYTES_PER_ELEMENT,
  spectra: (run) =>
    eachOutput(run, async (output) => {
      const { values, accuracy, blockSize } = run.plan;
      return largestSingularValues(edjmOperator(output, run), {
        count: values,
        tolerance: accuracy,
        blockSize,
        signal: run.signal,
      }).catch((error: unknown) => {
        throw asAborted(error, run.signal);
      });
    }),
};
