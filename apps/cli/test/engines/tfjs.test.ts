import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Report } from '@edjm/core';
import { multilayerPerceptron } from '@edjm/network';
import { describe, expect, it } from 'vitest';
import { D_IN, D_OUT, edjm, edjmProcess, testFolder } from '../fixture.ts';

/** The network of the test folder as a layers model: kernels are its weights the other way round. */
async function writeLayersModel(folder: string, weightsPath = 'weights.bin'): Promise<void> {
  const { layers } = multilayerPerceptron({ dIn: D_IN, hidden: [8], dOut: D_OUT, seed: 4 });
  const dense = layers.filter((layer) => layer.type === 'dense');
  const weights = dense.flatMap(({ weight, bias }, index) => {
    const [units = 0, inputs = 0] = weight.shape;
    const kernel = Float32Array.from(
      { length: weight.data.length },
      (_, i) => weight.data[(i % units) * inputs + Math.floor(i / units)] ?? NaN,
    );
    const name = `dense_${String(index)}`;
    return [
      { name: `${name}/kernel`, shape: [inputs, units], data: kernel },
      { name: `${name}/bias`, shape: [units], data: Float32Array.from(bias ?? new Float32Array(units)) },
    ];
  });
  const layersOf = dense.map(({ weight }, index) => ({
    class_name: 'Dense',
    config: {
      name: `dense_${String(index)}`,
      units: weight.shape[0],
      activation: index === 0 ? 'relu' : 'softmax',
      use_bias: true,
      ...(index === 0 && { batch_input_shape: [null, D_IN] }),
    },
  }));
  const model = {
    format: 'layers-model',
    modelTopology: { class_name: 'Sequential', config: { name: 'small', layers: layersOf } },
    weightsManifest: [
      {
        paths: [weightsPath],
        weights: weights.map(({ name, shape }) => ({ name, shape, dtype: 'float32' })),
      },
    ],
  };
  await writeFile(join(folder, 'model.json'), JSON.stringify(model));
  const bytes = Buffer.concat(weights.map(({ data }) => Buffer.from(data.buffer)));
  await writeFile(join(folder, weightsPath), bytes);
}

const analyze = ['analyze', 'model.json', '--data', 'data.npy', '--engine', 'tfjs:wasm', '--no-progress'];

describe('models of TensorFlow.js', () => {
  it('give the spectrum of the same network in an .onnx file', async () => {
    await using folder = await testFolder();
    await writeLayersModel(folder.path);
    const tfjs = await edjm(folder.path, [...analyze, '--json']);
    const onnx = await edjm(folder.path, ['analyze', 'model.onnx', '--data', 'data.npy', '--json']);
    const [found, expected] = [tfjs, onnx].map(({ stdout }) => JSON.parse(stdout) as Report);
    expect(found?.options).toMatchObject({ engine: ['tfjs:wasm'] });
    expected?.outputs.forEach(({ singularValues }, output) => {
      singularValues.forEach((value, place) => {
        const error = Math.abs((found?.outputs[output]?.singularValues[place] ?? NaN) - value);
        expect(error).toBeLessThanOrEqual(1e-5 * (singularValues[0] ?? NaN));
      });
    });
  });

  it('are compared with those of other kinds', async () => {
    await using folder = await testFolder();
    await writeLayersModel(folder.path);
    const { code, stdout } = await edjm(folder.path, [
      'compare',
      'model.json',
      'model.onnx',
      '--data',
      'data.npy',
    ]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/model\.json +model\.onnx/);
  });

  it('have hidden layers by name', async () => {
    await using folder = await testFolder();
    await writeLayersModel(folder.path);
    const { stdout } = await edjm(folder.path, [...analyze, '--output', 'dense_0', '--json']);
    expect((JSON.parse(stdout) as Report).outputs).toHaveLength(8);
  });

  it.each([
    [
      'an option of another engine',
      2,
      [...analyze, '--straight-through'],
      /got --straight-through for tfjs:wasm/,
    ],
    [
      'an engine of another kind of file',
      2,
      ['analyze', 'model.onnx', '--data', 'data.npy', '--engine', 'tfjs:cpu'],
      /model\.onnx: expected an --engine that reads \.onnx files, such as onnx, got tfjs:cpu/,
    ],
    ['a layer that is not there', 1, [...analyze, '--output', 'attic'], /"attic".*dense_0, dense_1/],
    [
      'an engine for files of another kind',
      2,
      ['analyze', 'model.json', '--data', 'data.npy', '--engine', 'onnx'],
      /model\.json: expected an --engine that reads models of TensorFlow\.js and Keras, such as tfjs, got onnx/,
    ],
    ['another kind of file', 1, analyze.with(1, 'odd.h5'), /odd\.h5.*neither JSON, a zip archive nor HDF5/],
  ])('refuse %s', async (...[, expected, args, message]) => {
    await using folder = await testFolder();
    await writeLayersModel(folder.path);
    await writeFile(join(folder.path, 'odd.h5'), 'neither');
    const { code, stdout, stderr } = await edjm(folder.path, [...args, '--out', 'results']);
    expect({ code, stdout }).toEqual({ code: expected, stdout: '' });
    expect(stderr).toMatch(message);
    expect(await readdir(folder.path)).not.toContain('results');
  });

  it('may not name weights outside of their folder', async () => {
    await using folder = await testFolder();
    const inner = join(folder.path, 'inner');
    await mkdir(inner);
    await writeLayersModel(inner, '../weights.bin');
    const { code, stderr } = await edjm(folder.path, analyze.with(1, 'inner/model.json'));
    expect(code).toBe(1);
    expect(stderr).toMatch(/expected files in its own folder, got "\.\.\/weights\.bin"/);
  });
});

describe('edjm doctor', () => {
  it('says which engines of TensorFlow.js load', async () => {
    await using folder = await testFolder();
    const { code, stdout } = await edjmProcess(folder.path, ['doctor']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/works {2}tfjs: tfjs 4\.\d+\.\d+ \(--engine tfjs:wasm\)/);
    expect(stdout).toMatch(
      /works {2}tfjs: tfjs-node .*\(--engine tfjs:tensorflow\)|(fails {2}|absent )tfjs:tensorflow: /,
    );
    const { stdout: json } = await edjmProcess(folder.path, ['doctor', '--json']);
    const { engines } = JSON.parse(json) as { engines: { tfjs: readonly { name: string }[] } };
    expect(engines.tfjs.map(({ name }) => name)).toEqual(['tensorflow', 'wasm', 'cpu']);
  });
});
