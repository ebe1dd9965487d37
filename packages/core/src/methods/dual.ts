import { dualAccumulator } from '@edjm/linalg';
import type { SpectrumMethod } from '../contracts/spectrumMethod.ts';
import { type AccumulatorKind, accumulatorMethod } from './accumulatorMethod.ts';
import { gramSums } from './gramOfRows.ts';
import { fewSamples, PANEL_DEPTH, productAccuracy } from './productAccuracy.ts';

const keptRows: AccumulatorKind = { name: 'dual', empty: (columns, rows) => dualAccumulator(columns, rows) };

/** The rows are kept, and J Jᵀ (n × n) is formed of them. */
export const dual: SpectrumMethod = accumulatorMethod({
  name: 'dual',
  description: 'products of the rows with each other (J Jᵀ)',
  use: 'no more samples than inputs',
  refusal: fewSamples,
  accuracy: (job) => productAccuracy(job, PANEL_DEPTH),
  reason: ({ n, network }) => `there are no more samples (${n}) than columns (${network.dIn})`,
  // For the rows of all outputs together, J Jᵀ is larger than JᵀJ from some number of outputs on.
  kind: (columns, rows) => (rows <= columns ? keptRows : gramSums),
});
