import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { reportSchema, type Report } from '@edjm/core';
import { writeModel } from '@edjm/onnx-autodiff';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { D_IN, D_OUT, edjm, edjmProcess, npy, samples, testFolder } from '../fixture.ts';

const analyzeArgs = ['analyze', 'model.onnx', '--data', 'data.npy'];

describe('edjm analyze', () => {
  it('prints one JSON document that follows the schema and names what was analyzed', async () => {
    await using folder = await testFolder();
    const { code, stdout, stderr } = await edjm(folder.path, [...analyzeArgs, '--json']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const report = JSON.parse(stdout) as Report;
    const validate = new Ajv2020().compile(reportSchema);
    expect(validate(report) ? [] : validate.errors).toEqual([]);
    const hash = createHash('sha256')
      .update(await readFile(join(folder.path, 'data.npy')))
      .digest('hex');
    expect(report.data).toMatchObject({ name: 'data.npy', n: 40, sha256: hash });
    expect(report.dIn).toBe(D_IN);
    expect(report.outputs.map(({ index }) => index)).toEqual([0, 1, 2]);
    for (const { singularValues } of report.outputs) {
      expect(singularValues).toHaveLength(D_IN);
      expect(singularValues).toEqual(singularValues.toSorted((a, b) => b - a));
    }
    expect(Object.keys(report.metrics)).toEqual(
      expect.arrayContaining(['edjm-score', 'effective-rank', 'stable-rank', 'nuclear-norm']),
    );
    expect(report.metrics['nuclear-norm']?.perOutput).toHaveLength(D_OUT);
  });

  it('takes some outputs, in the order given', async () => {
    await using folder = await testFolder();
    const { stdout } = await edjm(folder.path, [...analyzeArgs, '--outputs', '2,0-1', '--json']);
    expect((JSON.parse(stdout) as Report).outputs.map(({ index }) => index)).toEqual([2, 0, 1]);
  });

  it('multiplies by the derivative of the scaling for the Jacobian of the raw data', async () => {
    await using folder = await testFolder();
    const norm = async (...more: string[]) => {
      const { stdout } = await edjm(folder.path, [
        ...analyzeArgs,
        '--scale',
        '2',
        '--std',
        '0.5',
        '--json',
        ...more,
      ]);
      return (JSON.parse(stdout) as Report).metrics['spectral-norm']?.value ?? NaN;
    };
    expect(await norm('--jacobian-of', 'raw')).toBeCloseTo(4 * (await norm()), 5);
  });

  it('takes a network of several inputs, some fixed, and differentiates hidden layers', async () => {
    await using folder = await testFolder();
    // y = tanh(x · mask) · gain, of x and mask a sample.
    const node = (opType: string, inputs: readonly string[], output: string) => ({
      ...{ opType, domain: '', name: '', inputs, outputs: [output], attributes: {} },
    });
    const model = writeModel({
      name: 'masked',
      irVersion: 8,
      opsets: new Map([['', 18]]),
      inputs: [
        { name: 'x', elementType: 'float32', shape: ['n', 4] },
        { name: 'mask', elementType: 'float32', shape: ['n', 2] },
        { name: 'gain', elementType: 'float32', shape: ['n', 4] },
      ],
      outputs: [{ name: 'y', elementType: 'float32' }],
      initializers: new Map(),
      nodes: [
        { ...node('Concat', ['mask', 'mask'], 'wide'), attributes: { axis: { int: 1 } } },
        node('Mul', ['x', 'wide'], 'masked'),
        node('Tanh', ['masked'], 'hidden'),
        node('Mul', ['hidden', 'gain'], 'y'),
      ],
    });
    await writeFile(join(folder.path, 'masked.onnx'), model);
    const args = ['analyze', 'masked.onnx', '--data', 'data.npy', '--json'];
    const report = async (...more: string[]) => {
      const { stdout, stderr } = await edjm(folder.path, [...args, ...more]);
      expect(stderr).toBe('');
      return JSON.parse(stdout) as Report;
    };
    const once = await report('--input', 'x', '--fix', 'gain=1');
    expect([once.dIn, once.outputs.length]).toEqual([4, 4]);
    await writeFile(
      join(folder.path, 'gain.npy'),
      npy([4], new Uint8Array(Float32Array.of(3, 3, 3, 3).buffer)),
    );
    const thrice = await report('--input', 'x', '--fix', 'gain=gain.npy');
    const norm = ({ metrics }: Report) => metrics['spectral-norm']?.value ?? NaN;
    expect(norm(thrice)).toBeCloseTo(3 * norm(once), 5);
    const inner = await report('--input', 'masked', '--output', 'hidden', '--fix', 'gain=1');
    expect(inner.outputs[0]?.singularValues.length).toBe(4);
    const unfixed = await edjm(folder.path, args);
    expect(unfixed.code).toBe(2);
    expect(unfixed.stderr).toContain('expected one input, got "x", "mask", "gain"');
  });

  it('says what would run instead of running it', async () => {
    await using folder = await testFolder();
    const { code, stdout } = await edjm(folder.path, [...analyzeArgs, '--explain']);
    expect(code).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    expect(lines[0]).toMatch(/model\.onnx: method gram, 6 singular values of each output to .*e-7 of the/);
    expect(lines[1]).toMatch(
      /batches of 40 samples, 3 outputs at once, one pass over the data, one spectrum/,
    );
    expect(lines).toContainEqual(expect.stringMatching(/^forward Gemm .*: Gemm \[40, 8\]$/));
    expect(lines).toContainEqual(expect.stringMatching(/^reverse Relu .*Mul \[3, 40, 8\]$/));
    expect(lines.at(-1)).toMatch(/^Gram matrices: .*MatMul float64/);
  });

  it('draws the spectrum and a table as text, and writes report and picture', async () => {
    await using folder = await testFolder();
    const { code, stdout } = await edjm(folder.path, [...analyzeArgs, '--out', 'results/new']);
    expect(code).toBe(0);
    expect(stdout).toContain('n = 40 points of data.npy');
    expect(stdout).toContain('edjm-score');
    expect(stdout.split('\n').every((line) => line.length <= 110)).toBe(true);
    expect((await readdir(join(folder.path, 'results/new'))).sort()).toEqual([
      'report.html',
      'report.json',
      'spectrum.svg',
    ]);
    expect(await readFile(join(folder.path, 'results/new/spectrum.svg'), 'utf8')).toMatch(/^<svg/);
  });

  it('takes options of a metric, and says in the report what was asked', async () => {
    await using folder = await testFolder();
    const score = async (text: string) => {
      const { stdout } = await edjm(folder.path, [...analyzeArgs, '--json', '--metric', text]);
      return JSON.parse(stdout) as Report;
    };
    const asked = 'edjm-score:percentile=50,of=nonzero,rule=higher';
    const report = await score(asked);
    expect(report.options).toEqual({ metric: [asked] });
    const value = ({ metrics }: Report) => metrics['edjm-score']?.value ?? NaN;
    expect(value(report)).toBeGreaterThan(value(await score('edjm-score')));
    expect(value(await score('edjm-score:percentile=90'))).toBe(value(await score('edjm-score')));
  });

  it('loads a metric from a file', async () => {
    await using folder = await testFolder();
    await writeFile(
      join(folder.path, 'smallest.mjs'),
      `export const metric = { name: 'smallest', description: 'last value', needs: ['singularValues'], compute: ({ singularValues }) => singularValues.at(-1) };`,
    );
    const { stdout } = await edjm(folder.path, [
      ...analyzeArgs,
      '--metric',
      './smallest.mjs',
      '--metric',
      'edjm-score',
      '--json',
    ]);
    const { metrics, outputs } = JSON.parse(stdout) as Report;
    expect(Object.keys(metrics)).toEqual(['smallest', 'edjm-score']);
    expect(metrics['smallest']?.perOutput).toEqual(
      outputs.map(({ singularValues }) => singularValues.at(-1)),
    );
  });

  it('loads a metric from a package that the folder depends on, says from where, and no other', async () => {
    await using folder = await testFolder();
    const place = join(folder.path, 'node_modules/edjm-metric-count');
    await mkdir(place, { recursive: true });
    await writeFile(
      join(place, 'package.json'),
      JSON.stringify({ name: 'edjm-metric-count', type: 'module', exports: { import: './index.js' } }),
    );
    await writeFile(
      join(place, 'index.js'),
      `export const metric = () => ({ name: 'count', description: 'how many', needs: ['singularValues'], compute: ({ singularValues }) => singularValues.length });`,
    );
    const args = [...analyzeArgs, '--metric', 'count'];
    const undeclared = await edjm(folder.path, args);
    expect(undeclared).toMatchObject({ code: 2, stderr: expect.stringContaining('got "count"') as string });
    await writeFile(
      join(folder.path, 'package.json'),
      JSON.stringify({ devDependencies: { 'edjm-metric-count': '1.0.0' } }),
    );
    const declared = await edjm(folder.path, args);
    expect(declared.stderr).toContain(`metric count is loaded from ${join(place, 'index.js')}`);
    const { stdout, stderr } = await edjm(folder.path, [...args, '--json']);
    expect(stderr).toBe('');
    expect((JSON.parse(stdout) as Report).metrics['count']?.value).toBe(D_IN);
  });

  it('gives intervals, and says which values say little', async () => {
    await using folder = await testFolder();
    const args = [...analyzeArgs, '--confidence', '0.9'];
    const { stdout, stderr } = await edjm(folder.path, args);
    const text = stdout.replaceAll(/\s+/g, ' ');
    expect(text).toMatch(/90 % interval/);
    expect(text).toContain('by the jackknife over 20 groups of samples');
    expect(text).toContain('model.onnx: read edjm-score with care, it adds up 1 of 6 singular values');
    expect(stderr).toContain('warning: model.onnx: read edjm-score with care');
    const json = await edjm(folder.path, [...args, '--json']);
    expect(json.stderr).toBe('');
    const report = JSON.parse(json.stdout) as Report;
    const { interval, value } = report.metrics['nuclear-norm']!;
    expect(interval).toMatchObject({ level: 0.9, groups: 20 });
    expect(interval!.low).toBeLessThan(value);
    expect(interval!.high).toBeGreaterThan(value);
    const validate = new Ajv2020().compile(reportSchema);
    expect(validate(report) ? [] : validate.errors).toEqual([]);
    const beside = await edjm(folder.path, ['compare', 'model.onnx', 'model.onnx', ...args.slice(2)]);
    expect(beside.stdout).toMatch(/nuclear-norm +\S+ ± \S+ +\S+ ± \S+/);
    const wrong = await edjm(folder.path, [...analyzeArgs, '--confidence', '95']);
    expect(wrong).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('between 0 and 1, got 95') as string,
    });
  });

  it('says what noise gives', async () => {
    await using folder = await testFolder();
    const args = [
      ...analyzeArgs,
      '--null',
      'init,permuted',
      '--null-seeds',
      '2',
      '--metric',
      'nuclear-norm',
      '--metric',
      'frobenius-norm',
    ];
    const report = JSON.parse((await edjm(folder.path, [...args, '--json'])).stdout) as Report;
    const validate = new Ajv2020().compile(reportSchema);
    expect(validate(report) ? [] : validate.errors).toEqual([]);
    const [init, permuted] = report.nullModels!;
    expect([init?.kind, init?.seeds, permuted?.kind]).toEqual(['init', [1, 2], 'permuted']);
    expect(new Set(init!.metrics['nuclear-norm']).size).toBe(2);
    // The entries are the same: only their places are not.
    for (const norm of permuted!.metrics['frobenius-norm']!) {
      expect(norm / report.metrics['frobenius-norm']!.value).toBeCloseTo(1, 6);
    }
    const again = JSON.parse((await edjm(folder.path, [...args, '--json'])).stdout) as Report;
    expect(again.nullModels).toEqual(report.nullModels);
    const { stdout } = await edjm(folder.path, args);
    expect(stdout).toMatch(/what noise gives, model.onnx +fresh weights +permuted rows/);
    expect(stdout).toMatch(/nuclear-norm +\S+ ± \S+ +\S+ ± \S+/);
    const wrong = await edjm(folder.path, [...analyzeArgs, '--null', 'init,init']);
    expect(wrong).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('init or permuted, each once') as string,
    });
  });

  it('computes every metric that it lists', async () => {
    await using folder = await testFolder();
    const listed = await edjm(folder.path, ['metrics', '--json']);
    const { metrics } = JSON.parse(listed.stdout) as { metrics: { name: string }[] };
    expect(metrics.length).toBeGreaterThan(20);
    // The engine of .onnx files tells no activation patterns.
    const skipped = ['activation-patterns', 'linear-regions', 'plane-regions'];
    const names = metrics.map(({ name }) => name).filter((name) => !skipped.includes(name));
    const { stdout } = await edjm(folder.path, [
      ...analyzeArgs,
      ...names.flatMap((name) => ['--metric', name]),
      '--json',
    ]);
    const found = (JSON.parse(stdout) as Report).metrics;
    expect(Object.keys(found)).toEqual(names);
    for (const { value, reading } of Object.values(found)) {
      expect(Number.isFinite(value)).toBe(true);
      expect(reading?.high).toMatch(/\S/);
    }
  });

  it('lists metrics with what they mean, within the width of the terminal', async () => {
    await using folder = await testFolder();
    const { stdout } = await edjm(folder.path, ['metrics']);
    expect(stdout).toMatch(/^edjm-score\n {2}sum of the normalized singular values .*\n {2}range: /);
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
  });

  it('gives the same numbers for any batch size', async () => {
    await using folder = await testFolder();
    const { stdout } = await edjm(folder.path, [...analyzeArgs, '--json', '--batch-size', '7']);
    const { stdout: whole } = await edjm(folder.path, [...analyzeArgs, '--json']);
    const [a, b] = [JSON.parse(stdout) as Report, JSON.parse(whole) as Report];
    expect(a.batchSize).toBe(7);
    a.normalizedSpectrum.forEach((value, index) => {
      expect(value).toBeCloseTo(b.normalizedSpectrum[index] ?? NaN, 6);
    });
  });
});

describe('edjm compare', () => {
  it('gives one report a model in the order given', async () => {
    await using folder = await testFolder();
    const args = ['compare', 'model.onnx', 'model.onnx', '--data', 'data.npy'];
    const { code, stdout } = await edjm(folder.path, [...args, '--json']);
    expect(code).toBe(0);
    const { reports } = JSON.parse(stdout) as { reports: Report[] };
    expect(reports.map(({ model }) => model.name)).toEqual(['model.onnx', 'model.onnx (2)']);
    const text = (await edjm(folder.path, args)).stdout;
    expect(text).toContain('effective-rank');
    expect(text).toMatch(/mean over the outputs +model\.onnx +model\.onnx \(2\)/);
    const thrice = await edjm(folder.path, [...args.toSpliced(1, 0, 'model.onnx'), '--json']);
    const names = (JSON.parse(thrice.stdout) as { reports: Report[] }).reports.map(({ model }) => model.name);
    expect(names).toEqual(['model.onnx', 'model.onnx (2)', 'model.onnx (3)']);
  });
});

describe('interruption', () => {
  it.each([
    ['SIGINT', 50],
    ['SIGTERM', 300],
    ['SIGINT', 600],
    ['SIGTERM', 1500],
  ] as const)('by %s after %i ms ends the process at once, and nothing is written', async (signal, after) => {
    await using folder = await testFolder();
    const n = 400_000;
    await writeFile(join(folder.path, 'long.npy'), npy([n, D_IN], new Uint8Array(samples(n, D_IN).buffer)));
    const args = ['analyze', 'model.onnx', '--data', 'long.npy', '--batch-size', '1', '--out', 'results'];
    const run = await edjmProcess(folder.path, args, { interrupt: { signal, after } });
    expect(run).toEqual({ code: null, signal, stdout: '', stderr: '' });
    expect(await readdir(folder.path)).not.toContain('results');
  });
});
