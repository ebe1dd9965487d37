import { EdjmError, type FloatArray, type ParameterValues } from '@edjm/core';
import type { SvdLayer } from './svdGroups.ts';

/** The factors s of SVD layers, by name. @throws EdjmError `NOT_FOUND`. */
export function singularValuesOf(
  parameters: ReadonlyMap<string, ParameterValues>,
  layers: readonly SvdLayer[],
): readonly (readonly [name: string, values: FloatArray])[] {
  return layers.map(({ s }) => [s, parameterOf(parameters, s).data]);
}

/** A parameter by name. @throws EdjmError `NOT_FOUND`. */
export function parameterOf(parameters: ReadonlyMap<string, ParameterValues>, name: string): ParameterValues {
  const parameter = parameters.get(name);
  if (parameter !== undefined) return parameter;
  throw new EdjmError(
    'NOT_FOUND',
    `expected ${name} among the parameters, got ${[...parameters.keys()].join(', ')}. ` +
      'Give the SVD layers of this network: svdLayers(network).',
  );
}

/** @throws EdjmError `INVALID_ARGUMENT` if the list of layers is empty. */
export function checkSvdLayers(regularizer: string, layers: readonly SvdLayer[]): void {
  if (layers.length > 0) return;
  throw new EdjmError(
    'INVALID_ARGUMENT',
    `${regularizer}: expected SVD layers, got none. Give a network some, svdFactorized(network), and name them: svdLayers(network).`,
  );
}
