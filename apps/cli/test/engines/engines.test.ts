import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeLayersModel } from '@edjm/backend-tfjs';
import type { Report } from '@edjm/core';
import { describeNetwork, multilayerPerceptron, networkWeights } from '@edjm/network';
import { describe, expect, it } from 'vitest';
import { D_IN, D_OUT, edjm, edjmProcess, testFolder } from '../fixture.ts';

const analyzeArgs = ['analyze', 'model.onnx', '--data', 'data.npy'];

describe('--engine', () => {
  it('runs the network on WebAssembly for the same numbers', async () => {
    await using folder = await testFolder();
    const values = async (...more: string[]) => {
      const { stdout } = await edjm(folder.path, [...analyzeArgs, '--json', ...more]);
      return (JSON.parse(stdout) as Report).outputs.flatMap(({ singularValues }) => singularValues);
    };
    const native = await values();
    (await values('--engine', 'onnx:wasm')).forEach((value, index) => {
      expect(value).toBeCloseTo(native[index] ?? NaN, 5);
    });
  });

  it.each([
    ['alone', ['onnx:abacus'], 1, /"abacus" of onnxruntime-node.*It knows cpu/],
    ['beside another provider', ['onnx:cpu+abacus'], 1, /"abacus" of onnxruntime-node.*It knows cpu/],
    ['all of a list', ['onnx:abacus', 'onnx:loom'], 1, /onnx:abacus: .*It knows cpu.*; onnx:loom: /],
    ['in a list', ['onnx,abacus'], 2, /expected engines among onnx, onnx:PROVIDER .*, got "abacus"/],
    ['repeated', ['onnx', 'tfjs:abacus'], 2, /expected engines among .*, tfjs:wasm, .*, got "tfjs:abacus"/],
    ['with an empty provider', ['onnx:'], 2, /got "onnx:"/],
  ])('names one that is not there, %s', async (...[, engines, expected, message]) => {
    await using folder = await testFolder();
    const options = engines.flatMap((name) => ['--engine', name]);
    const { code, stdout, stderr } = await edjm(folder.path, [...analyzeArgs, ...options]);
    expect({ code, stdout }).toEqual({ code: expected, stdout: '' });
    expect(stderr).toMatch(message);
  });

  it('takes the first of several that loads, says so, and says which one it was', async () => {
    await using folder = await testFolder();
    const engines = ['--engine', 'tfjs,onnx:abacus', '--engine', 'onnx:cpu'];
    const { stdout, stderr } = await edjm(folder.path, [...analyzeArgs, '--json', ...engines]);
    expect(stderr).toMatch(/^model\.onnx runs in onnx:cpu\. Passed over: onnx:abacus: .*It knows cpu/);
    const { environment, options } = JSON.parse(stdout) as Report;
    expect(environment).toMatchObject({ engine: 'onnx:cpu' });
    expect(options).toEqual({ engine: ['tfjs', 'onnx:abacus', 'onnx:cpu'] });
  });

  it('runs networks as data in plain TypeScript', async () => {
    await using folder = await testFolder();
    const network = multilayerPerceptron({ dIn: D_IN, hidden: [8], dOut: D_OUT, seed: 4, name: 'small' });
    await writeFile(join(folder.path, 'small.json'), JSON.stringify(describeNetwork(network)));
    await writeFile(join(folder.path, 'small.safetensors'), networkWeights(network));
    const values = async (model: string, ...more: string[]) => {
      const { stdout } = await edjm(folder.path, [...analyzeArgs.with(1, model), '--json', ...more]);
      return JSON.parse(stdout) as Report;
    };
    const exact = await values('small.json', '--engine', 'cpu');
    expect(exact).toMatchObject({ precision: 'float64', environment: { engine: 'cpu' } });
    const hashOf = async (...names: string[]) => {
      const hash = createHash('sha256');
      for (const name of names) hash.update(await readFile(join(folder.path, name)));
      return hash.digest('hex');
    };
    // Every file counts, and is named.
    expect(exact.model).toEqual({
      name: 'small.json',
      sha256: await hashOf('small.json', 'small.safetensors'),
      files: [
        { name: 'small.json', sha256: await hashOf('small.json') },
        { name: 'small.safetensors', sha256: await hashOf('small.safetensors') },
      ],
    });
    const layers = writeLayersModel(network);
    await writeFile(join(folder.path, 'model.json'), layers.modelJson);
    await writeFile(join(folder.path, layers.weightsFile), layers.weights);
    const tfjs = await values('model.json', '--engine', 'tfjs:cpu');
    expect(tfjs.model).toMatchObject({
      sha256: await hashOf('model.json', layers.weightsFile),
      files: [{ name: 'model.json' }, { name: layers.weightsFile }],
    });
    const native = await values('model.onnx');
    expect(native.model).toEqual({ name: 'model.onnx', sha256: await hashOf('model.onnx') });
    exact.outputs.forEach(({ singularValues }, output) => {
      singularValues.forEach((value, index) => {
        expect(value).toBeCloseTo(native.outputs[output]?.singularValues[index] ?? NaN, 5);
      });
    });
    const refused = await edjm(folder.path, [...analyzeArgs, '--engine', 'cpu']);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(
      /model\.onnx: expected an --engine that reads \.onnx files, such as onnx, got cpu/,
    );
  });
});

describe('edjm doctor', () => {
  it('says that the engine works and which version it is', async () => {
    await using folder = await testFolder();
    const { code, stdout } = await edjmProcess(folder.path, ['doctor']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/works {2}onnx: onnxruntime-node \d+\.\d+\.\d+ \(--engine onnx:cpu/);
    expect(stdout).toMatch(/works {2}onnx: onnxruntime-web \d+\.\d+\.\d+ \(--engine onnx:wasm\)/);
  });
});
