import { EdjmError, type Regularizer } from '@edjm/core';
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

const number = v.pipe(
  v.string('a number'),
  v.regex(/\S/, 'a number'),
  v.transform(Number),
  v.finite('a number'),
);
const truth = v.pipe(
  v.picklist(['true', 'false'], 'true or false'),
  v.transform((text) => text === 'true'),
);
const oneOf = <const T extends readonly string[]>(names: T) => v.picklist(names, names.join(' or '));
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
  /** Names of its options. */
  readonly options: readonly string[];
  /** Whether it is one of SVD layers. */
  readonly needsSvdLayers: boolean;
  readonly make: (options: Readonly<Record<string, string>>, layers: readonly SvdLayer[]) => Regularizer;
}

function entry<const Fields extends v.ObjectEntries>(
  fields: Fields,
  make: (
    options: v.InferOutput<v.StrictObjectSchema<Fields, undefined>>,
    layers: readonly SvdLayer[],
  ) => Regularizer,
): Entry {
  const schema = v.strictObject(fields);
  return {
    options: Object.keys(fields),
    needsSvdLayers: false,
    make: (options, layers) => {
      const result = v.safeParse(schema, options, { abortEarly: true });
      if (result.success) return make(result.output, layers);
      const [issue] = result.issues;
      const key = String(issue.path?.[0].key);
      const got = options[key] === undefined ? 'none' : `"${options[key]}"`;
      const expected = issue.type === 'strict_object' ? 'a value' : issue.message;
      throw new RangeError(`${kebab(key)}: expected ${expected}, got ${got}`);
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
  /** The network itself, or in SVD layers where one of the regularizers needs them. */
  readonly network: Network;
  readonly isFactorized: boolean;
  readonly regularizers: readonly Regularizer[];
}

/**
 * Makes the regularizers that `--regularizer` names: `NAME`, or `NAME:key=value,key=value`.
 *
 * @throws EdjmError `INVALID_ARGUMENT` for names and values that there are none of; `UNSUPPORTED` for layers that cannot be factorized.
 */
export function regularized(network: Network, texts: readonly string[]): Regularized {
  const named = texts.map((text) => ({ text, ...parse(text) }));
  const isFactorized = named.some(({ entry: { needsSvdLayers } }) => needsSvdLayers);
  const trained = isFactorized ? svdFactorized(network) : network;
  const layers = isFactorized ? svdLayers(trained) : [];
  return {
    network: trained,
    isFactorized,
    regularizers: named.map(({ text, entry: { make }, options }) => {
      try {
        return make(options, layers);
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        throw invalid(text, error.message);
      }
    }),
  };
}

function parse(text: string): { readonly entry: Entry; readonly options: Readonly<Record<string, string>> } {
  const [, name = '', rest] = /^([^:]*)(?::(.*))?$/s.exec(text) ?? [];
  const found = entries.get(name);
  if (found === undefined) {
    throw invalid(text, `expected a name among ${[...entries.keys()].join(', ')}, got "${name}"`);
  }
  const options = new Map<string, string>();
  for (const pair of rest === undefined || rest === '' ? [] : rest.split(',')) {
    const [, key = '', value = ''] = /^([^=]*)=(.*)$/s.exec(pair) ?? [];
    const camel = key.trim().replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
    if (!found.options.includes(camel) || options.has(camel)) {
      throw invalid(
        text,
        `expected key=value once each of ${found.options.map(kebab).join(', ')}, got "${pair}"`,
      );
    }
    options.set(camel, value.trim());
  }
  return { entry: found, options: Object.fromEntries(options) };
}

function kebab(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function invalid(text: string, message: string): EdjmError {
  return new EdjmError('INVALID_ARGUMENT', `--regularizer ${text}: ${message}. Correct it.`);
}
