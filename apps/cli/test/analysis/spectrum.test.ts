import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { onnxBackend } from '@edjm/backend-onnx';
import { edjmMatrix, type Report } from '@edjm/core';
import { openDataset } from '@edjm/datasets';
import { describe, expect, it } from 'vitest';
import { D_IN, D_OUT, edjm, npy, testFolder } from '../fixture.ts';

const N = 40;

/** A test folder with the rows of its network in every form. */
async function rowsFolder(): ReturnType<typeof testFolder> {
  const folder = await testFolder();
  await using network = await onnxBackend().load(join(folder.path, 'model.onnx'));
  const data = await openDataset(join(folder.path, 'data.npy'));
  const knd = new Float32Array(D_OUT * N * D_IN);
  const nkd = new Float32Array(D_OUT * N * D_IN);
  for (let output = 0; output < D_OUT; output++) {
    const rows = Float32Array.from((await edjmMatrix(network, data, { output })).data);
    knd.set(rows, output * N * D_IN);
    for (let i = 0; i < N; i++) nkd.set(rows.subarray(i * D_IN, (i + 1) * D_IN), (i * D_OUT + output) * D_IN);
    await write(folder.path, `rows${String(output)}.npy`, { shape: [N, D_IN], values: rows });
  }
  await write(folder.path, 'knd.npy', { shape: [D_OUT, N, D_IN], values: knd });
  await write(folder.path, 'nkd.npy', { shape: [N, D_OUT, D_IN], values: nkd });
  return folder;
}

interface Rows {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

function write(folder: string, name: string, { shape, values }: Rows): Promise<void> {
  return writeFile(join(folder, name), npy(shape, new Uint8Array(values.buffer)));
}

const evidence = ['--confidence', '0.95', '--null', 'permuted', '--json'];

describe('edjm spectrum', () => {
  it('gives what analyze gives for the network that the rows come from, in every layout', async () => {
    await using folder = await rowsFolder();
    const analyzed = await edjm(folder.path, ['analyze', 'model.onnx', '--data', 'data.npy', ...evidence]);
    expect(analyzed.stderr).toBe('');
    const expected = JSON.parse(analyzed.stdout) as Report;
    const forms = [
      ['knd.npy', '--layout', 'knd'],
      ['nkd.npy', '--layout', 'nkd'],
      ['rows0.npy', 'rows1.npy', 'rows2.npy'],
    ];
    for (const form of forms) {
      const { code, stdout, stderr } = await edjm(folder.path, ['spectrum', ...form, ...evidence]);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      const report = JSON.parse(stdout) as Report;
      expect(report).toMatchObject({ dIn: D_IN, data: { n: N }, outputKind: 'as-is', precision: 'float32' });
      expect(Object.keys(report.metrics)).toEqual(Object.keys(expected.metrics));
      for (const [name, { value, interval }] of Object.entries(expected.metrics)) {
        expect(report.metrics[name]?.value).toBeCloseTo(value, 3);
        expect(report.metrics[name]?.interval?.low).toBeCloseTo(interval?.low ?? NaN, 3);
        expect(report.nullModels?.[0]?.metrics[name]?.[0]).toBeCloseTo(
          expected.nullModels?.[0]?.metrics[name]?.[0] ?? NaN,
          3,
        );
      }
      report.outputs.forEach(({ singularValues }, output) => {
        const others = expected.outputs[output]?.singularValues ?? [];
        singularValues.forEach((value, index) => {
          expect(Math.abs(value - (others[index] ?? NaN))).toBeLessThan(1e-5 * (others[0] ?? 0));
        });
      });
    }
  });

  it('prints a table and writes the report and the picture', async () => {
    await using folder = await rowsFolder();
    const { code, stdout } = await edjm(folder.path, ['spectrum', 'rows0.npy', '--out', 'results']);
    expect(code).toBe(0);
    expect(stdout).toContain('n = 40 points of rows0.npy, 6 inputs, 1 outputs (as-is)');
    expect(stdout).toMatch(/edjm-score +\d/);
    expect((await readdir(join(folder.path, 'results'))).toSorted()).toEqual([
      'report.html',
      'report.json',
      'spectrum.svg',
    ]);
    expect(await readFile(join(folder.path, 'results', 'spectrum.svg'), 'utf8')).toContain('rows0.npy');
  });

  it('takes some outputs and some samples, and metrics of rows', async () => {
    await using folder = await rowsFolder();
    const { stdout } = await edjm(folder.path, [
      ...['spectrum', 'nkd.npy', '--layout', 'nkd', '--outputs', '2', '--limit', '20'],
      ...['--metric', 'frobenius-sensitivity', '--json'],
    ]);
    const report = JSON.parse(stdout) as Report;
    expect(report).toMatchObject({ data: { n: 20 }, outputs: [{ index: 2 }] });
    expect(report.metrics['frobenius-sensitivity']?.value).toBeGreaterThan(0);
  });

  it.each([
    [['rows0.npy', '--metric', 'linear-regions'], 'reads the samples and the network itself'],
    [['rows0.npy', '--metric', 'activation-patterns'], 'reads the activation patterns'],
    [['rows0.npy', '--null', 'init'], 'fresh weights need the network'],
    [['knd.npy'], 'Choose knd for 3 outputs of 40 rows, nkd for 40 outputs of 3 rows of 6 values each'],
    [['rows0.npy', '--layout', 'knd'], 'expected an axis of outputs'],
    [['rows0.npy', 'knd.npy'], 'expected rows of the same number and shape'],
    [['rows0.npy', '--outputs', '1'], 'output'],
    [['rows0.npy', '--data', 'data.npy'], 'unknown option'],
    [['missing.npy'], 'missing.npy'],
  ])('refuses %s', async (args, message) => {
    await using folder = await rowsFolder();
    const { code, stdout, stderr } = await edjm(folder.path, ['spectrum', ...args, '--out', 'results']);
    expect(code).toBeGreaterThan(0);
    expect(stdout).toBe('');
    expect(stderr).toContain(message);
    expect(await readdir(folder.path)).not.toContain('results');
  });
});
