import type { NetworkMetric } from '@edjm/core';
import { activationPatternCount } from './network/activationPatterns.ts';
import { frobeniusSensitivity } from './network/frobeniusSensitivity.ts';
import { jacobianCovariance } from './network/jacobianCovariance.ts';
import { linearRegions, planeRegions } from './network/linearRegions.ts';
import { localLipschitz } from './network/localLipschitz.ts';
import { pathNorm } from './network/pathNorm.ts';
import { rowCoherence } from './network/rowCoherence.ts';
import { trajectoryLength } from './network/trajectoryLength.ts';

/**
 * The metrics of a whole network, with their defaults. They read rows, outputs or patterns as well as spectra, so that each costs a pass over the data or
 * runs of the network.
 *
 * @example
 * ```ts
 * import { networkMetrics } from '@edjm/metrics';
 *
 * console.log(networkMetrics().map(({ name }) => name).slice(0, 2)); // [ 'frobenius-sensitivity', 'local-lipschitz' ]
 * ```
 */
export function networkMetrics(): readonly NetworkMetric[] {
  return [
    frobeniusSensitivity(),
    localLipschitz(),
    rowCoherence(),
    jacobianCovariance(),
    activationPatternCount(),
    linearRegions(),
    planeRegions(),
    trajectoryLength(),
    pathNorm(),
  ];
}
