import { gramAccumulator } from '@edjm/linalg';
import type { SpectrumMethod } from '../contracts/spectrumMethod.ts';
import { type AccumulatorKind, accumulatorMethod } from './accumulatorMethod.ts';
import { PANEL_DEPTH, productAccuracy } from './productAccuracy.ts';

/** Sums of JᵀJ. */
export const gramSums: AccumulatorKind = { name: 'gram', empty: (columns) => gramAccumulator(columns) };

/** JᵀJ is formed outside the engine, of the rows that come out of it. */
export const gramOfRows: SpectrumMethod = accumulatorMethod({
  name: 'gram-of-rows',
  description: 'Gram matrices (JᵀJ) formed of the rows',
  use: 'engines that form no Gram matrices',
  // An engine that forms these products takes fewer steps.
  offers: ({ network }) => network.gram === undefined,
  refusal: () => undefined,
  accuracy: (job, batchSize) => productAccuracy(job, Math.min(batchSize, PANEL_DEPTH)),
  kind: () => gramSums,
});
