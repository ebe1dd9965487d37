import type { Regularizer } from '@edjm/core';
import { checkInterval, checkPositive } from '../checkOptions.ts';
import { checkSvdLayers, singularValuesOf } from './singularValueParameters.ts';
import type { SvdLayer } from './svdGroups.ts';
import { svdProjection } from './svdProjection.ts';

/** Options of {@link layerLogSpectrum}. */
export interface LayerLogSpectrumOptions {
  /** λ, above 0. */
  readonly strength: number;
  /** The SVD layers: {@link svdLayers} of the network, or some of these. */
  readonly layers: readonly SvdLayer[];
  /** The |s| below which the slope 1 / |s| stops growing, above 0. Defaults to 0.01. */
  readonly guard?: number;
  /** Steps from one decomposition to the next, or `'epoch'`. Defaults to `'epoch'`, as in the paper. */
  readonly project?: number | 'epoch';
}

/** Below the singular values of initial weights, except for square matrices. It limits slopes to 100 λ. */
const DEFAULT_GUARD = 1e-2;

/**
 * The paper's spectral regularization: the logarithms of the singular values of SVD layers are raised.
 *
 *     penalty = −λ Σ_l Σ_i log |s_i|,   gradient −λ sign(s_i) / max(|s_i|, guard)
 *
 * Below the guard g the line log g + |s| / g − 1 continues the logarithm, and the gradient is that of the line; the sign of
 * s = 0 is 1. It reads and changes the factors s alone, so it costs next to nothing. U and V are updated like any weights
 * and drift from being orthonormal; the projection makes a singular value decomposition of them again, and rotates the
 * velocities of momentum with it.
 *
 * @throws EdjmError `INVALID_ARGUMENT` for options out of their range, and no layers.
 *
 * Source: Wang et al., "Analysis of Deep Neural Networks with the Extended Data Jacobian Matrix", ICML 2016, r_layer and SVD layers.
 *
 * @example
 * ```ts
 * import { multilayerPerceptron } from '@edjm/network';
 * import { layerLogSpectrum, svdFactorized, svdLayers } from '@edjm/regularizers';
 *
 * const network = svdFactorized(multilayerPerceptron({ dIn: 4, hidden: [8], dOut: 2 }));
 * const regularizer = layerLogSpectrum({ strength: 1e-4, layers: svdLayers(network) });
 * console.log(regularizer.parameterNames); // 1.scale, 5.scale
 * ```
 */
export function layerLogSpectrum(options: LayerLogSpectrumOptions): Regularizer<'parameters'> {
  const { strength, layers, guard = DEFAULT_GUARD, project = 'epoch' } = options;
  const name = 'layer-log-spectrum';
  checkPositive(name, 'strength', strength);
  checkPositive(name, 'guard', guard);
  checkInterval(name, 'project', project);
  checkSvdLayers(name, layers);
  const names = layers.map(({ s }) => s);
  return {
    name,
    needs: ['parameters'],
    options: { strength, guard, project, layers: names.join(' ') },
    parameterNames: names,
    penalty: ({ parameters }) => {
      let sum = 0;
      for (const [, values] of singularValuesOf(parameters, layers)) {
        for (const s of values) sum += guardedLog(Math.abs(s), guard);
      }
      return -strength * sum;
    },
    gradient: ({ parameters }) => ({
      parameters: new Map(
        singularValuesOf(parameters, layers).map(([key, values]) => [
          key,
          Float64Array.from(values, (s) => (s < 0 ? strength : -strength) / Math.max(Math.abs(s), guard)),
        ]),
      ),
    }),
    projection: svdProjection(layers, project),
  };
}

function guardedLog(size: number, guard: number): number {
  return size >= guard ? Math.log(size) : Math.log(guard) + size / guard - 1;
}
