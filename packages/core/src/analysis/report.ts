import type { Analysis, EdjmSpectrum, MetricResult } from './analysis.ts';
import { type Head, headKinds } from '../contracts/head.ts';
import { type OutputKind, outputKinds } from '../contracts/network.ts';
import type { NearKinks } from './nearKinks.ts';
import { spectrumMethods } from '../methods/index.ts';

/** Version of the report's form; it changes where a field changes its meaning or goes. */
export const REPORT_VERSION = 1;

/** The files that a network was loaded from. */
export interface ReportModel {
  readonly name: string;
  /** SHA-256 of all its files, one after the other, in lower-case hexadecimal. */
  readonly sha256: string;
  /** Each of them, if there are several: the model's own, then the weights beside it. */
  readonly files?: readonly { readonly name: string; readonly sha256: string }[];
}

/** The data that the network was analyzed on. */
export interface ReportData {
  readonly name: string;
  /** Number of data points: the score depends on it. */
  readonly n: number;
  /** SHA-256 of the file, in lower-case hexadecimal. */
  readonly sha256: string;
  /** How stored numbers x became inputs; absent if unchanged. */
  readonly transform?: string | undefined;
}

/** An analysis as a document: what was found, and everything needed to find it again. */
export interface Report {
  readonly version: typeof REPORT_VERSION;
  /** Name and version of the program that wrote it, and of what it ran on. */
  readonly environment: Readonly<Record<string, string>>;
  readonly model: ReportModel;
  readonly data: ReportData;
  /** d_in. */
  readonly dIn: number;
  /** What else the run was asked for, such as the options of a command; absent if that was not told. */
  readonly options?: Readonly<Record<string, ReportOption>>;
  /** What the rows are gradients of. */
  readonly outputKind: OutputKind;
  /** What the network ends in, and where; absent if the engine does not say. */
  readonly head?: Head;
  /** With respect to what the network is fed, or to the stored numbers. */
  readonly jacobianOf: 'fed' | 'raw';
  /** Name of the method. */
  readonly method: string;
  /** Arithmetic of the engine. */
  readonly precision: 'float32' | 'float64';
  readonly batchSize: number;
  /** Wall time of the analysis. */
  readonly seconds: number;
  /** The samples with a unit or a pooling window within rounding of its kink: rounding may have switched their rows. */
  readonly nearKinks?: NearKinks;
  /** The spectrum of each output's EDJM. */
  readonly outputs: readonly (ReportSpectrum & { readonly index: number })[];
  /** Spectra divided by their largest value, averaged over the outputs, index by index. */
  readonly normalizedSpectrum: readonly number[];
  /** By the metric's name. */
  readonly metrics: Readonly<Record<string, MetricResult>>;
  /** What noise gives: the same analysis of networks and rows that learned nothing, on request. */
  readonly nullModels?: readonly NullModel[];
  /** Of the rows of all outputs, one below the other, where it was asked for; metrics by name. */
  readonly stacked?: ReportSpectrum & { readonly metrics: Readonly<Record<string, number>> };
}

/** The null models: `'init'`, the architecture with weights drawn anew; `'permuted'`, the rows with every column in an order of its own. */
export const nullModelKinds = ['init', 'permuted'] as const;

/** A kind of {@link NullModel}. */
export type NullModelKind = (typeof nullModelKinds)[number];

/** What a network or rows that learned nothing give. */
export interface NullModel {
  readonly kind: NullModelKind;
  /** Of the random numbers. */
  readonly seeds: readonly number[];
  /** For each metric its mean over the outputs, one value a seed. */
  readonly metrics: Readonly<Record<string, readonly number[]>>;
  /** Averaged over outputs and seeds. */
  readonly normalizedSpectrum: readonly number[];
}

/** The value of an option in a report. */
export type ReportOption =
  string | number | boolean | readonly ReportOption[] | { readonly [name: string]: ReportOption };

/** A spectrum in a report. */
export interface ReportSpectrum {
  /** Descending: all min(n, d_in) singular values, or the largest that were asked for. */
  readonly singularValues: readonly number[];
  /** For each a bound of its absolute error, for rows as the engine gave them. */
  readonly errorBounds: readonly number[];
}

/** What a report says beyond the analysis. */
export interface ReportContext {
  readonly model: ReportModel;
  readonly data: Omit<ReportData, 'n'>;
  readonly environment: Readonly<Record<string, string>>;
  /** Defaults to none. */
  readonly nullModels?: readonly NullModel[] | undefined;
  /** Defaults to `'fed'`. */
  readonly jacobianOf?: 'fed' | 'raw' | undefined;
  /** Defaults to none. */
  readonly options?: Readonly<Record<string, ReportOption>> | undefined;
}

/** Makes a report of an analysis. */
export function createReport(analysis: Analysis, context: ReportContext): Report {
  const { model, data, environment, jacobianOf = 'fed', options, nullModels = [] } = context;
  return {
    version: REPORT_VERSION,
    environment,
    model,
    data: { ...data, n: analysis.data.n },
    dIn: analysis.dIn,
    ...(options && { options }),
    outputKind: analysis.outputKind,
    ...(analysis.head && { head: analysis.head }),
    jacobianOf,
    method: analysis.method,
    precision: analysis.precision,
    batchSize: analysis.batchSize,
    seconds: analysis.seconds,
    ...(analysis.nearKinks && { nearKinks: analysis.nearKinks }),
    outputs: analysis.outputs.map(({ index, ...spectrum }) => ({ index, ...spectrumOf(spectrum) })),
    normalizedSpectrum: Array.from(analysis.normalizedSpectrum),
    metrics: analysis.metrics,
    ...(nullModels.length > 0 && { nullModels }),
    ...(analysis.stacked && {
      stacked: { ...spectrumOf(analysis.stacked), metrics: analysis.stacked.metrics },
    }),
  };
}

function spectrumOf({ singularValues, errorBounds }: EdjmSpectrum): ReportSpectrum {
  return { singularValues: Array.from(singularValues), errorBounds: Array.from(errorBounds) };
}

const text = { type: 'string' } as const;
const option = { anyOf: [text, { type: 'number' }, { type: 'boolean' }] } as const;
const numbers = { type: 'array', items: { type: 'number' } } as const;
const spectrum = { singularValues: numbers, errorBounds: numbers } as const;
const hash = { type: 'string', pattern: '^[0-9a-f]{64}$' } as const;

/** JSON Schema (draft 2020-12) of a {@link Report} by one of the {@link spectrumMethods}. */
export const reportSchema: Readonly<Record<string, unknown>> = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'edjm report',
  type: 'object',
  required: [
    'version',
    'environment',
    'model',
    'data',
    'dIn',
    'outputKind',
    'jacobianOf',
    'method',
    'precision',
    'batchSize',
    'seconds',
    'outputs',
    'normalizedSpectrum',
    'metrics',
  ],
  properties: {
    version: { const: REPORT_VERSION },
    environment: { type: 'object', additionalProperties: text },
    model: {
      type: 'object',
      required: ['name', 'sha256'],
      properties: {
        name: text,
        sha256: hash,
        files: {
          type: 'array',
          items: { type: 'object', required: ['name', 'sha256'], properties: { name: text, sha256: hash } },
        },
      },
    },
    data: {
      type: 'object',
      required: ['name', 'n', 'sha256'],
      properties: { name: text, n: { type: 'integer', minimum: 1 }, sha256: hash, transform: text },
    },
    dIn: { type: 'integer', minimum: 1 },
    options: { type: 'object' },
    outputKind: { enum: outputKinds },
    head: {
      type: 'object',
      required: ['kind'],
      properties: {
        kind: { enum: headKinds },
        at: text,
        reason: text,
        groups: {
          type: 'object',
          required: ['size', 'stride'],
          properties: { size: { type: 'integer', minimum: 1 }, stride: { type: 'integer', minimum: 1 } },
        },
      },
    },
    jacobianOf: { enum: ['fed', 'raw'] },
    method: { enum: spectrumMethods.map(({ name }) => name) },
    precision: { enum: ['float32', 'float64'] },
    batchSize: { type: 'integer', minimum: 1 },
    seconds: { type: 'number', minimum: 0 },
    nearKinks: {
      type: 'object',
      required: ['n', 'samples'],
      properties: {
        n: { type: 'integer', minimum: 0 },
        samples: { type: 'array', items: { type: 'integer', minimum: 0 } },
      },
    },
    outputs: {
      type: 'array',
      minItems: 1,
      items: {
        type: 'object',
        required: ['index', 'singularValues', 'errorBounds'],
        properties: { index: { type: 'integer', minimum: 0 }, ...spectrum },
      },
    },
    normalizedSpectrum: numbers,
    metrics: {
      type: 'object',
      additionalProperties: {
        type: 'object',
        required: ['value'],
        properties: {
          value: { type: 'number' },
          perOutput: numbers,
          interval: {
            type: 'object',
            required: ['level', 'low', 'high', 'standardError', 'groups'],
            properties: {
              level: { type: 'number' },
              low: { type: 'number' },
              high: { type: 'number' },
              standardError: { type: 'number', minimum: 0 },
              bias: { type: 'number' },
              groups: { type: 'integer', minimum: 2 },
            },
          },
          caution: text,
          description: text,
          reading: {
            type: 'object',
            required: ['formula', 'range', 'high', 'low'],
            properties: { formula: text, range: text, high: text, low: text, source: text },
          },
          options: { type: 'object', additionalProperties: option },
        },
      },
    },
    nullModels: {
      type: 'array',
      items: {
        type: 'object',
        required: ['kind', 'seeds', 'metrics', 'normalizedSpectrum'],
        properties: {
          kind: { enum: nullModelKinds },
          seeds: { type: 'array', items: { type: 'integer' } },
          metrics: { type: 'object', additionalProperties: numbers },
          normalizedSpectrum: numbers,
        },
      },
    },
    stacked: {
      type: 'object',
      required: ['singularValues', 'errorBounds', 'metrics'],
      properties: { ...spectrum, metrics: { type: 'object', additionalProperties: { type: 'number' } } },
    },
  },
};
