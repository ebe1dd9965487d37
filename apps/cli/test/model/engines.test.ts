import type { Report } from '@edjm/core';
import { describe, expect, it } from 'vitest';
import { edjm, edjmProcess, testFolder } from '../fixture.ts';

const analyzeArgs = ['analyze', 'model.onnx', '--data', 'data.npy'];

describe('--provider', () => {
  it('runs the network on WebAssembly for the same numbers', async () => {
    await using folder = await testFolder();
    const values = async (...more: string[]) => {
      const { stdout } = await edjm(folder.path, [...analyzeArgs, '--json', ...more]);
      return (JSON.parse(stdout) as Report).outputs.flatMap(({ singularValues }) => singularValues);
    };
    const native = await values();
    (await values('--provider', 'wasm')).forEach((value, index) => {
      expect(value).toBeCloseTo(native[index] ?? NaN, 5);
    });
  });

  it.each([
    ['by commas', ['--provider', 'cpu,abacus']],
    ['repeated', ['--provider', 'cpu', '--provider', 'abacus']],
  ])('names one that is not there, %s', async (_, providers) => {
    await using folder = await testFolder();
    const { code, stdout, stderr } = await edjm(folder.path, [...analyzeArgs, ...providers]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/"abacus" of onnxruntime-node.*It knows cpu/);
  });
});

describe('edjm doctor', () => {
  it('says that the engine works and which version it is', async () => {
    await using folder = await testFolder();
    const { code, stdout } = await edjmProcess(folder.path, ['doctor']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/works {2}onnx: onnxruntime-node \d+\.\d+\.\d+ \(--provider cpu/);
    expect(stdout).toMatch(/works {2}onnx: onnxruntime-web \d+\.\d+\.\d+ \(--provider wasm\)/);
  });
});
