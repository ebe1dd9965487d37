import { analyze, type TrainableNetwork } from '@edjm/core';
import { edjmScore } from '@edjm/metrics';
import { matrixDataset } from '../data/matrixDataset.ts';
import type { SpectrumRecord } from './history.ts';
import type { SpectrumOptions } from './options.ts';

/** The spectrum of a network between two steps. @throws EdjmError as `analyze`. */
export async function spectrumOf(
  network: TrainableNetwork,
  { samples, metrics = [edjmScore()] }: SpectrumOptions,
): Promise<SpectrumRecord> {
  const data = matrixDataset(samples, { name: 'samples of spectra', sampleShape: network.inputShape });
  const analysis = await analyze(network, data, { metrics });
  return {
    metrics: Object.fromEntries(Object.entries(analysis.metrics).map(([name, { value }]) => [name, value])),
    normalizedSpectrum: [...analysis.normalizedSpectrum],
  };
}
