import type { Regularizer } from '@edjm/core';
import type { Network } from '@edjm/network';
import {
  edjmLogDet,
  jacobianFrobenius,
  jacobianNuclearNorm,
  layerLogSpectrum,
  orthogonality,
  singularValueBounding,
  spectralNormPenalty,
  spectralNormalization,
  svdFactorized,
  type SvdLayer,
  svdLayers,
  svdTraining,
  weightLogDet,
} from '@edjm/regularizers';
import * as v from 'valibot';
import {
  invalid,
  number,
  oneOf,
  optionReader,
  type OptionReader,
  parseNamed,
  truth,
} from '../commandLine/namedOptions.ts';

const FLAG = '--regularizer';

const direction = v.exactOptional(oneOf(['raise', 'lower']));
const interval = v.exactOptional(v.union([v.literal('epoch'), number], "a number of steps or 'epoch'"));
const some = v.exactOptional(number);
/** Names of weights, such as `0.weight+2.weight`. */
const weights = v.exactOptional(
  v.pipe(
    v.string(),
    v.transform((text) => text.split('+')),
  ),
);
const floor = { delta: some, relativeDelta: some, scaleFree: v.exactOptional(truth) };

/** A regularizer that the command line can name. */
interface Entry {
  /** Whether it is one of SVD layers. */
  readonly needsSvdLayers: boolean;
  /** Reads its options; they are given the layers once these are there. */
  readonly read: OptionReader<(layers: readonly SvdLayer[]) => Regularizer>;
}

function entry<const Fields extends v.ObjectEntries>(
  fields: Fields,
  make: (
    options: v.InferOutput<v.StrictObjectSchema<Fields, undefined>>,
    layers: readonly SvdLayer[],
  ) => Regularizer,
): Entry {
  const options = optionReader(fields);
  return {
    needsSvdLayers: false,
    read: (named, flag) => {
      const given = options(named, flag);
      return (layers) => make(given, layers);
    },
  };
}

function ofSvdLayers(made: Entry): Entry {
  return { ...made, needsSvdLayers: true };
}

const entries: ReadonlyMap<string, Entry> = new Map([
  [
    'edjm-log-det',
    entry(
      {
        strength: number,
        direction,
        outputs: v.exactOptional(v.union([v.literal('all'), number], "a number or 'all'")),
        samples: some,
        every: some,
        ...floor,
      },
      edjmLogDet,
    ),
  ],
  [
    'layer-log-spectrum',
    ofSvdLayers(
      entry({ strength: number, guard: some, project: interval }, (options, layers) =>
        layerLogSpectrum({ ...options, layers }),
      ),
    ),
  ],
  ['weight-log-det', entry({ strength: number, direction, every: some, weights, ...floor }, weightLogDet)],
  [
    'jacobian-frobenius',
    entry({ strength: number, projections: some, samples: some, every: some }, jacobianFrobenius),
  ],
  [
    'jacobian-nuclear-norm',
    entry({ strength: number, epsilon: some, samples: some, every: some }, jacobianNuclearNorm),
  ],
  ['orthogonality', entry({ strength: number, every: some, weights }, orthogonality)],
  ['spectral-norm', entry({ strength: number, every: some, weights }, spectralNormPenalty)],
  ['spectral-normalization', entry({ limit: some, every: interval, weights }, spectralNormalization)],
  ['singular-value-bounding', entry({ bound: some, every: interval, weights }, singularValueBounding)],
  [
    'svd-training',
    ofSvdLayers(
      entry(
        {
          orthogonality: number,
          sparsity: number,
          measure: v.exactOptional(oneOf(['hoyer', 'l1'])),
          every: some,
        },
        (options, layers) => svdTraining({ ...options, layers }),
      ),
    ),
  ],
]);

/** A network with what regularizes its training. */
export interface Regularized {
  /** The network itself, or in SVD layers if one of the regularizers needs them. */
  readonly network: Network;
  readonly isFactorized: boolean;
  readonly regularizers: readonly Regularizer[];
}

/**
 * Makes the regularizers that `--regularizer` names: `NAME`, or `NAME:option=value,option=value`.
 *
 * @throws EdjmError `INVALID_ARGUMENT` for names, options and values that do not exist; `UNSUPPORTED` for layers that cannot be factorized.
 */
export function regularized(network: Network, texts: readonly string[]): Regularized {
  const found = texts.map((text) => {
    const named = parseNamed(text);
    const known = entries.get(named.name);
    if (known === undefined) {
      throw invalid(
        named,
        FLAG,
        `expected a name among ${[...entries.keys()].join(', ')}, got "${named.name}"`,
      );
    }
    return { ...known, make: known.read(named, FLAG) };
  });
  const isFactorized = found.some(({ needsSvdLayers }) => needsSvdLayers);
  const trained = isFactorized ? svdFactorized(network) : network;
  const layers = isFactorized ? svdLayers(trained) : [];
  return { network: trained, isFactorized, regularizers: found.map(({ make }) => make(layers)) };
}
