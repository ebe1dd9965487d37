import { gramAccumulator, type GramAccumulator } from '@edjm/linalg';
import type { DifferentiableNetwork } from '../contracts/network.ts';
import type { SpectrumMethod } from '../contracts/spectrumMethod.ts';
import { checkGrams } from '../rows/checkedResults.ts';
import { accumulatorMethod, type Sums } from './accumulatorMethod.ts';
import { gramSums } from './gramOfRows.ts';
import { productAccuracy } from './productAccuracy.ts';

/** The engine forms JᵀJ of each batch, and rows never leave it. */
export const gram: SpectrumMethod = accumulatorMethod({
  name: 'gram',
  description: 'Gram matrices (JᵀJ) formed in the engine',
  use: 'more samples than inputs',
  takes: 'gram',
  refusal: ({ network }) =>
    network.gram
      ? undefined
      : 'an engine that forms Gram matrices, got one that does not; gram-of-rows needs none',
  accuracy: productAccuracy,
  kind: () => gramSums,
  sums: sumsOfProducts,
});

/** From Gram matrices that the engine forms. */
function sumsOfProducts(network: DifferentiableNetwork, group: readonly number[]): Sums {
  const accumulators = group.map(() => gramAccumulator(network.dIn));
  return {
    accumulators,
    async add(batch, part) {
      const grams = (await network.gram?.(batch.samples, group)) ?? [];
      checkGrams(network, grams, { batch, group });
      grams.forEach((blocks, index) => {
        accumulators[index]?.addGram(blocks, batch.samples.rows);
        const ofPart = part?.[index];
        if (ofPart?.method === 'gram') (ofPart as GramAccumulator).addGram(blocks, batch.samples.rows);
      });
    },
  };
}
