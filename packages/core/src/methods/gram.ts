import { gramAccumulator, type GramAccumulator } from '@edjm/linalg';
import { EdjmError } from '../contracts/errors.ts';
import type { DifferentiableNetwork } from '../contracts/network.ts';
import type { SpectrumMethod } from '../contracts/spectrumMethod.ts';
import type { Batch } from '../rows/checkedBatches.ts';
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
      try {
        checkGrams(network, grams, { batch, group });
      } catch (error) {
        if (EdjmError.is(error, 'INVALID_DATA') && network.gram) await refuseSample(network, batch, group);
        throw error;
      }
      grams.forEach((blocks, index) => {
        accumulators[index]?.addGram(blocks, batch.samples.rows);
        const ofPart = part?.[index];
        if (ofPart?.method === 'gram') (ofPart as GramAccumulator).addGram(blocks, batch.samples.rows);
      });
    },
  };
}

/** Looks for the first sample whose Gram matrices are not finite, by halves of the batch, and refuses it by its number. */
async function refuseSample(
  network: DifferentiableNetwork,
  batch: Batch,
  group: readonly number[],
): Promise<void> {
  const { samples, first } = batch;
  const { rows, columns } = samples;
  const half = Math.ceil(rows / 2);
  for (const [from, to] of rows > 1 ? [[0, half] as const, [half, rows] as const] : []) {
    const data = samples.data.slice(from * columns, to * columns);
    const part = { ...batch, first: first + from, samples: { rows: to - from, columns, data } };
    const grams = (await network.gram?.(part.samples, group)) ?? [];
    try {
      checkGrams(network, grams, { batch: part, group });
    } catch (error) {
      if (EdjmError.is(error, 'INVALID_DATA')) await refuseSample(network, part, group);
      throw error;
    }
  }
}
