import type { FloatArray, ParameterValues, Regularizer } from '@edjm/core';
import { checkCount, checkPositive } from '../checkOptions.ts';
import { gramFault } from '../matrixFunctions/gramFault.ts';
import { times } from '../matrixFunctions/matrixFunction.ts';
import { checkSvdLayers, parameterOf, singularValuesOf } from './singularValueParameters.ts';
import type { SvdLayer } from './svdGroups.ts';
import { weightMatrix } from '../weights/weightMatrix.ts';

/** Options of {@link svdTraining}. */
export interface SvdTrainingOptions {
  /** The SVD layers: {@link svdLayers} of the network, or some of these. */
  readonly layers: readonly SvdLayer[];
  /** λ_o, above 0: the strength that keeps U and V orthonormal. */
  readonly orthogonality: number;
  /** λ_s, above 0: the strength that pulls singular values toward 0. */
  readonly sparsity: number;
  /** The measure of sparsity: ‖s‖₁, or ‖s‖₁ / ‖s‖₂ (Hoyer), which does not change with the scale of s. Defaults to `'hoyer'`. */
  readonly measure?: 'hoyer' | 'l1';
  /** Steps from one evaluation to the next. Defaults to 1. */
  readonly every?: number;
}

/**
 * Trains SVD layers toward low rank, without a decomposition: a penalty keeps U and V nearly orthonormal and leaves few
 * singular values large.
 *
 *     penalty = Σ_l λ_o / r² ( ‖UᵀU − I‖²_F + ‖V Vᵀ − I‖²_F ) + λ_s L(s),   L = ‖s‖₁ / ‖s‖₂ or ‖s‖₁
 *
 * Afterwards {@link prunedSvd} leaves out the terms that have become small.
 *
 * @throws EdjmError `INVALID_ARGUMENT` for options out of their range, and no layers.
 *
 * Source: Yang et al., "Learning Low-rank Deep Neural Networks via Singular Vector Orthogonality Regularization and Singular Value
 * Sparsification", CVPR workshops 2020.
 *
 * @example
 * ```ts
 * import { multilayerPerceptron } from '@edjm/network';
 * import { svdFactorized, svdLayers, svdTraining } from '@edjm/regularizers';
 *
 * const network = svdFactorized(multilayerPerceptron({ dIn: 4, hidden: [8], dOut: 2 }));
 * const regularizer = svdTraining({ layers: svdLayers(network), orthogonality: 1, sparsity: 1e-3 });
 * console.log(regularizer.parameterNames?.length); // 6
 * ```
 */
export function svdTraining(options: SvdTrainingOptions): Regularizer<'parameters'> {
  const { layers, orthogonality, sparsity, measure = 'hoyer', every = 1 } = options;
  const name = 'svd-training';
  checkSvdLayers(name, layers);
  checkPositive(name, 'orthogonality', orthogonality);
  checkPositive(name, 'sparsity', sparsity);
  checkCount(name, 'every', every);
  const sparse = measure === 'hoyer' ? hoyer : l1;
  return {
    name,
    needs: ['parameters'],
    options: { orthogonality, sparsity, measure, every, layers: layers.map(({ s }) => s).join(' ') },
    parameterNames: layers.flatMap(({ v, s, u }) => [v, s, u]),
    every,
    penalty: ({ parameters }) => {
      let sum = 0;
      for (const layer of layers) {
        const { factor, faults } = faultsOf(parameters, layer);
        for (const [, fault] of faults) sum += orthogonality * factor * fault.value;
      }
      for (const [, s] of singularValuesOf(parameters, layers)) sum += sparsity * sparse(s).value;
      return sum;
    },
    gradient: ({ parameters }) => {
      const gradients = new Map<string, FloatArray>();
      for (const layer of layers) {
        const { factor, faults } = faultsOf(parameters, layer);
        for (const [key, fault] of faults) {
          gradients.set(key, times(orthogonality * factor, fault.gradient()).data);
        }
      }
      for (const [key, s] of singularValuesOf(parameters, layers)) {
        gradients.set(
          key,
          sparse(s).gradient.map((slope) => sparsity * slope),
        );
      }
      return { parameters: gradients };
    },
  };
}

/** Half the squared distances of U and V from orthonormal ones, and their factor. */
function faultsOf(parameters: ReadonlyMap<string, ParameterValues>, { v, s, u }: SvdLayer) {
  const rank = parameterOf(parameters, s).data.length;
  return {
    factor: 2 / rank ** 2,
    faults: [
      [u, gramFault(weightMatrix(parameterOf(parameters, u)), 'columns')],
      [v, gramFault(weightMatrix(parameterOf(parameters, v)), 'rows')],
    ] as const,
  };
}

interface Sparsity {
  readonly value: number;
  readonly gradient: Float64Array;
}

function l1(s: FloatArray): Sparsity {
  const sizes = Float64Array.from(s, Math.abs);
  return { value: sizes.reduce((sum, size) => sum + size, 0), gradient: Float64Array.from(s, Math.sign) };
}

/** 0 if s is 0, because it is not defined there. */
function hoyer(s: FloatArray): Sparsity {
  const { value, gradient } = l1(s);
  const length = Math.hypot(...s);
  if (length === 0) return { value: 0, gradient };
  return {
    value: value / length,
    gradient: gradient.map((sign, i) => sign / length - (value / length ** 3) * (s[i] as number)),
  };
}
