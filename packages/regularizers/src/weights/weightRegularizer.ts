import { EdjmError, type ParameterValues, type Projection, type Regularizer } from '@edjm/core';
import type { DenseMatrix } from '@edjm/linalg';
import { checkCount, checkInterval, checkPositive } from '../checkOptions.ts';
import { type MatrixFunction, times } from '../matrixFunctions/matrixFunction.ts';
import { isWeight, weightMatrix, withValues } from './weightMatrix.ts';

/** The weights of a regularizer. */
export interface WeightChoice {
  /** Names such as `'0.weight'`. Defaults to every parameter with two axes or more: all weights of dense and convolutional layers. */
  readonly weights?: readonly string[];
}

/** The parts of {@link weightRegularizer}. */
export interface WeightRegularizerParts extends WeightChoice {
  readonly name: string;
  /** λ, above 0. */
  readonly strength: number;
  /** Defaults to `'lower'`. */
  readonly direction?: 'raise' | 'lower';
  /** Further options that the value depends on. */
  readonly options?: Readonly<Record<string, string | number | boolean>>;
  readonly every: number;
}

/** λ times the sum of a function over weight matrices: λ Σ_l f(W_l), and −λ if it is raised. */
export function weightRegularizer(
  { name, strength, direction = 'lower', weights, options, every }: WeightRegularizerParts,
  f: (matrix: DenseMatrix) => MatrixFunction,
): Regularizer<'parameters'> {
  checkPositive(name, 'strength', strength);
  checkCount(name, 'every', every);
  const factor = direction === 'raise' ? -strength : strength;
  return {
    name,
    needs: ['parameters'],
    options: { strength, direction, every, ...options, ...(weights && { weights: weights.join(' ') }) },
    ...(weights && { parameterNames: weights }),
    every,
    penalty: ({ parameters }) =>
      chosen(parameters, weights).reduce(
        (sum, [, weight]) => sum + factor * f(weightMatrix(weight)).value,
        0,
      ),
    gradient: ({ parameters }) => ({
      parameters: new Map(
        chosen(parameters, weights).map(([key, weight]) => [
          key,
          times(factor, f(weightMatrix(weight)).gradient()).data,
        ]),
      ),
    }),
  };
}

/** The parts of {@link weightProjection}. */
export interface WeightProjectionParts extends WeightChoice {
  readonly name: string;
  readonly options?: Readonly<Record<string, string | number | boolean>>;
  readonly every: number | 'epoch';
}

/** A regularizer without a penalty: from time to time a function replaces the weight matrices. */
export function weightProjection(
  { name, weights, options, every }: WeightProjectionParts,
  f: (matrix: DenseMatrix) => Float64Array,
): Regularizer<never> & { readonly projection: Projection } {
  checkInterval(name, 'every', every);
  return {
    name,
    needs: [],
    options: { every, ...options, ...(weights && { weights: weights.join(' ') }) },
    penalty: () => 0,
    gradient: () => ({}),
    projection: {
      every,
      ...(weights && { parameterNames: weights }),
      apply: (parameters) => ({
        parameters: new Map(
          chosen(parameters, weights).map(([key, weight]) => [
            key,
            withValues(weight, f(weightMatrix(weight))),
          ]),
        ),
      }),
    },
  };
}

function chosen(
  parameters: ReadonlyMap<string, ParameterValues>,
  weights: readonly string[] | undefined,
): readonly (readonly [string, ParameterValues])[] {
  if (weights === undefined) return [...parameters].filter(([, parameter]) => isWeight(parameter));
  return weights.map((key) => {
    const weight = parameters.get(key);
    if (weight !== undefined && isWeight(weight)) return [key, weight];
    const names = [...parameters].filter(([, parameter]) => isWeight(parameter)).map(([name]) => name);
    throw new EdjmError(
      'NOT_FOUND',
      `expected a weight among ${names.join(', ')}, got ${key}. Name parameters with two axes or more.`,
    );
  });
}
