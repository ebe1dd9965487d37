import { Ajv2020 } from 'ajv/dist/2020.js';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  type Analysis,
  analyze,
  createReport,
  type DenseMatrix,
  type EdjmSpectrum,
  type Metric,
  type Report,
  REPORT_VERSION,
  type ReportContext,
  reportSchema,
  type ReportSpectrum,
} from '../../src/index.ts';
import { fakeDataset } from '../fakeDataset.ts';
import { fakeNetwork, randomSamples, twoLayerRelu } from '../fakeNetworks.ts';

const OPTIONAL: ReadonlySet<string> = new Set(['stacked', 'options', 'head', 'nearKinks', 'nullModels']);

const validate = new Ajv2020({ strict: true, allErrors: true }).compile(reportSchema);

const largest: Metric<'singularValues'> = {
  name: 'largest',
  description: 'largest singular value',
  needs: ['singularValues'],
  options: { which: 0, label: 'σ₁', exact: false },
  compute: ({ singularValues }) => singularValues[0] ?? 0,
};

const context: ReportContext = {
  model: {
    name: 'model.onnx',
    sha256: '1'.repeat(64),
    files: [{ name: 'model.onnx', sha256: '2'.repeat(64) }],
  },
  nullModels: [{ kind: 'init', seeds: [1], metrics: { largest: [2] }, normalizedSpectrum: [1, 0.5] }],
  data: { name: 'images.npy', sha256: 'a'.repeat(64), transform: 'x / 255' },
  environment: { edjm: '1.0.0', node: '20.19.0' },
  options: { accuracy: 1e-4, outputs: [2, 0], fix: { mask: '1' } },
};

const head = { kind: 'softmax', at: 'Softmax (node "y")', groups: { size: 3, stride: 1 } } as const;

let report: Report;

beforeAll(async () => {
  const f = twoLayerRelu({ dIn: 4, hidden: 5, dOut: 3, seed: 1 });
  const metrics = [largest, { ...largest, name: 'plain', options: undefined }].map(
    ({ options, ...metric }) => ({
      ...metric,
      ...(options && { options }),
    }),
  );
  const network = {
    ...fakeNetwork(f, { head }),
    nearKinks: async ({ rows }: DenseMatrix) => ({
      rows,
      columns: 1,
      data: new Float64Array(rows).fill(1, 0, 2),
    }),
  };
  const analysis = await analyze(network, fakeDataset(randomSamples(6, 4, 1)), {
    metrics,
    outputs: [2, 0],
    stacked: true,
  });
  report = createReport(analysis, context);
});

describe('createReport', () => {
  it('lists the samples that rounding may have switched', () => {
    expect(report.nearKinks).toEqual({ n: 2, samples: [0, 1] });
  });

  it('says what was found and what it depends on', () => {
    expect(report).toMatchObject({
      version: REPORT_VERSION,
      model: context.model,
      data: { name: 'images.npy', n: 6, sha256: 'a'.repeat(64), transform: 'x / 255' },
      environment: context.environment,
      options: context.options,
      dIn: 4,
      outputKind: 'logit',
      head,
      jacobianOf: 'fed',
      method: 'gram-of-rows',
      precision: 'float64',
      batchSize: 6,
      outputs: [{ index: 2 }, { index: 0 }],
      metrics: { largest: { options: largest.options } },
    });
    expect(report.stacked?.singularValues).toHaveLength(4);
    expect(report.stacked?.metrics).toEqual({
      largest: report.stacked?.singularValues[0],
      plain: report.stacked?.singularValues[0],
    });
    const values = report.outputs.map(({ singularValues }) => singularValues[0]);
    expect(report.metrics.largest!.perOutput).toEqual(values);
    expect(report.metrics.plain).not.toHaveProperty('options');
    expect(report.normalizedSpectrum).toHaveLength(4);
    expect(createReport(analysisOf(report), { ...context, jacobianOf: 'raw' }).jacobianOf).toBe('raw');
  });

  it('survives JSON', () => {
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });
});

describe('reportSchema', () => {
  it('is the schema of a report', () => {
    expect(validate(JSON.parse(JSON.stringify(report))), JSON.stringify(validate.errors)).toBe(true);
  });

  it('requires and describes every field', () => {
    const always = Object.fromEntries(Object.entries(report).filter(([name]) => !OPTIONAL.has(name)));
    expect(new Set(reportSchema.required as string[])).toEqual(new Set(Object.keys(always)));
    expect(new Set(Object.keys(reportSchema.properties as object))).toEqual(new Set(Object.keys(report)));
    expect(validate(always)).toBe(true);
    for (const field of Object.keys(always)) {
      const rest = Object.fromEntries(Object.entries(report).filter(([name]) => name !== field));
      expect(validate(rest), field).toBe(false);
    }
  });

  it.each([
    ['another version', { version: 2 }, '/version'],
    ['no samples', { data: { name: 'x', n: 0, sha256: '0'.repeat(64) } }, '/data/n'],
    ['a hash that is none', { model: { name: 'x', sha256: 'ABC' } }, '/model/sha256'],
    ['an unknown output kind', { outputKind: 'softmax' }, '/outputKind'],
    ['an unknown method', { method: 'svd' }, '/method'],
    ['an unknown precision', { precision: 'float16' }, '/precision'],
    ['an unknown variable', { jacobianOf: 'weights' }, '/jacobianOf'],
    ['no outputs', { outputs: [] }, '/outputs'],
    ['an output without an index', { outputs: [{ singularValues: [1] }] }, '/outputs/0'],
    [
      'a value that was NaN',
      { outputs: [{ index: 0, singularValues: [null], errorBounds: [0] }] },
      '/outputs/0/singularValues/0',
    ],
    ['values without bounds', { outputs: [{ index: 0, singularValues: [1] }] }, '/outputs/0'],
    ['a metric without a value', { metrics: { m: { perOutput: [1] } } }, '/metrics/m'],
    ['a metric that was NaN', { metrics: { m: { value: null, perOutput: [1] } } }, '/metrics/m/value'],
    [
      'an option that is a list',
      { metrics: { m: { value: 1, perOutput: [1], options: { o: [] } } } },
      '/metrics/m/options/o',
    ],
    ['a batch of nothing', { batchSize: 0 }, '/batchSize'],
    ['time that ran backwards', { seconds: -1 }, '/seconds'],
    ['an environment that is no text', { environment: { node: 20 } }, '/environment/node'],
  ])('refuses %s', (_, change, path) => {
    expect(validate({ ...report, ...change })).toBe(false);
    expect(validate.errors?.map(({ instancePath }) => instancePath)).toContain(path);
  });
});

/** An analysis with the results of a report. */
function analysisOf({ model, normalizedSpectrum, outputs, ...rest }: Report): Analysis {
  return {
    ...rest,
    network: model.name,
    normalizedSpectrum: Float64Array.from(normalizedSpectrum),
    outputs: outputs.map(({ index, ...spectrum }) => ({ index, ...spectrumOf(spectrum) })),
    stacked: { metrics: {}, ...spectrumOf(rest.stacked!) },
  };
}

function spectrumOf({ singularValues, errorBounds }: ReportSpectrum): EdjmSpectrum {
  return {
    singularValues: Float64Array.from(singularValues),
    errorBounds: Float64Array.from(errorBounds),
  };
}
