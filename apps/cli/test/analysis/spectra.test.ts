import type { Report } from '@edjm/core';
import { describe, expect, it } from 'vitest';
import { edjm, testFolder } from '../fixture.ts';

const analyzeArgs = ['analyze', 'model.onnx', '--data', 'data.npy'];

describe('edjm analyze', () => {
  it('computes spectra as accurately, by the method, and as many values as are asked for', async () => {
    await using folder = await testFolder();
    const report = async (...more: string[]) => {
      const { stdout, stderr } = await edjm(folder.path, [...analyzeArgs, '--json', ...more]);
      expect(stderr).toBe('');
      return JSON.parse(stdout) as Report;
    };
    const usual = await report();
    const accurate = await report('--accuracy', '1e-10');
    expect([usual.method, accurate.method]).toEqual(['gram', 'tsqr']);
    const largest = await report('--method', 'krylov', '--metric', 'spectral-norm');
    expect(largest).toMatchObject({ method: 'krylov', outputs: [{ singularValues: { length: 1 } }, {}, {}] });
    const few = await report('--values', '2', '--metric', 'spectral-norm', '--stacked');
    expect(few.outputs[0]?.singularValues).toHaveLength(2);
    expect(few.stacked?.singularValues).toHaveLength(2);
    for (const { outputs } of [accurate, largest, few]) {
      outputs.forEach(({ singularValues, errorBounds }, index) => {
        singularValues.forEach((value, place) => {
          const other = usual.outputs[index]!;
          const apart = Math.abs(value - other.singularValues[place]!);
          expect(apart).toBeLessThanOrEqual(errorBounds[place]! + other.errorBounds[place]!);
        });
      });
    }
    const tail = await report('--metric', 'numerical-rank');
    expect(tail).toMatchObject({ method: 'tsqr', metrics: { 'numerical-rank': { value: 6 } } });
    const text = await edjm(folder.path, [...analyzeArgs, '--stacked']);
    expect(text.stdout).toMatch(/rows of all outputs as one matrix +model\.onnx/);
    const refused = await edjm(folder.path, [...analyzeArgs, '--accuracy', '1e-17']);
    expect([refused.code, refused.stdout]).toEqual([2, '']);
    expect(refused.stderr).toMatch(/expected an accuracy of .* or more for 40 × 6 rows, got 1e-17/);
    const short = ['--values', '2', '--metric', 'effective-rank'];
    expect((await edjm(folder.path, [...analyzeArgs, ...short])).stderr).toMatch(
      /metric effective-rank: expected at least 6 of the 6 singular values, got 2/,
    );
  });

  it.each([
    ['a number of values', ['--values', '2']],
    ['a method that finds the largest alone', ['--method', 'krylov']],
  ])('computes of the usual metrics those that %s suffices for, and names the others', async (_, options) => {
    await using folder = await testFolder();
    const { code, stdout, stderr } = await edjm(folder.path, [...analyzeArgs, ...options]);
    expect(code).toBe(0);
    expect(stderr).toMatch(/^warning: model\.onnx: read edjm-score with care, [^\n]*\n$/);
    expect(stdout).toMatch(/^edjm-score/m);
    expect(stdout).toMatch(/^left out, as they read more singular values: effective-rank, /m);
  });

  it('says where a method is too rough for the digits of metrics, and what it was asked for', async () => {
    await using folder = await testFolder();
    const rough = ['--method', 'frequent-directions', '--limit', '30'];
    const { stdout } = await edjm(folder.path, [...analyzeArgs, ...rough]);
    expect(stdout).toMatch(/of the largest, and metrics no better: another --method is more accurate$/m);
    const { stdout: json } = await edjm(folder.path, [...analyzeArgs, ...rough, '--json']);
    expect(JSON.parse(json)).toMatchObject({ options: { method: 'frequent-directions', limit: 30 } });
  });
});
