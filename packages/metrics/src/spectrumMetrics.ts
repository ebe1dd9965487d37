import type { Metric } from '@edjm/core';
import { builtinMetrics } from './builtinMetrics.ts';
import { explainedDirections } from './spectrum/explainedDirections.ts';
import { powerLawDistance, powerLawExponent } from './spectrum/powerLaw.ts';
import { rankMe } from './spectrum/rankMe.ts';
import { schattenNorm } from './spectrum/schattenNorm.ts';
import { spectralEntropy } from './spectrum/spectralEntropy.ts';

/**
 * Every metric of this package that reads the singular values as products of rows give them, with its defaults: {@link builtinMetrics} and those that
 * have to be asked for.
 *
 * @example
 * ```ts
 * import { spectrumMetrics } from '@edjm/metrics';
 *
 * console.log(spectrumMetrics().length); // 13
 * ```
 */
export function spectrumMetrics(): readonly Metric[] {
  return [
    ...builtinMetrics(),
    rankMe(),
    spectralEntropy(),
    schattenNorm(),
    explainedDirections(),
    powerLawExponent(),
    powerLawDistance(),
  ];
}
