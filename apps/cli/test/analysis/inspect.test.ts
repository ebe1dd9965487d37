import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeLayersModel } from '@edjm/backend-tfjs';
import type { ModelInspection } from '@edjm/core';
import { describeNetwork, multilayerPerceptron, networkWeights, softmax } from '@edjm/network';
import { writeModel } from '@edjm/onnx-autodiff';
import { describe, expect, it } from 'vitest';
import { D_IN, edjm, testFolder } from '../fixture.ts';

const node = (opType: string, inputs: readonly string[], output: string) => ({
  ...{ opType, domain: '', name: '', inputs, outputs: [output], attributes: {} },
});

/** y = softmax(floor(tanh(x)) + tanh(x)), and an operator that nobody knows beside it. */
const awkward = writeModel({
  name: 'awkward',
  irVersion: 8,
  opsets: new Map([['', 18]]),
  inputs: [{ name: 'x', elementType: 'float32', shape: ['n', 4] }],
  outputs: [{ name: 'y', elementType: 'float32', shape: ['n', 4] }],
  initializers: new Map(),
  nodes: [
    node('Tanh', ['x'], 'hidden'),
    node('Floor', ['hidden'], 'steps'),
    node('Add', ['hidden', 'steps'], 'sum'),
    node('Bernoulli', ['sum'], 'noise'),
    node('Softmax', ['sum'], 'y'),
  ],
});

async function inspect(folder: string, ...args: readonly string[]): Promise<ModelInspection> {
  const { code, stdout, stderr } = await edjm(folder, ['inspect', ...args, '--json']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout) as ModelInspection;
}

describe('edjm inspect', () => {
  it('lists what an .onnx file consists of, without data', async () => {
    await using folder = await testFolder();
    const { inputs, outputs, tensors, operators, parameters } = await inspect(folder.path, 'model.onnx');
    expect(inputs).toEqual([{ name: 'input', elementType: 'float32', shape: ['batch', D_IN] }]);
    expect(outputs).toMatchObject([{ name: 'output', shape: ['batch', 3] }]);
    expect(tensors).toMatchObject([
      { shape: ['n', 8], asInput: true, asOutput: true },
      { shape: ['n', 8], asInput: true, asOutput: true },
    ]);
    expect(operators).toEqual(
      expect.arrayContaining([
        { name: 'Gemm', count: 2, derivative: 'yes' },
        { name: 'Relu', count: 1, derivative: 'yes' },
      ]),
    );
    expect(parameters).toEqual({ tensors: 4, count: 8 * 7 + 3 * 9, bytes: 4 * (8 * 7 + 3 * 9) });
    for (const { name } of tensors) {
      const analyzed = await edjm(folder.path, [
        'analyze',
        'model.onnx',
        '--data',
        'data.npy',
        '--output',
        name,
      ]);
      expect(analyzed.code).toBe(0);
    }
  });

  it('says which operators have a derivative, and finds the head', async () => {
    await using folder = await testFolder();
    await writeFile(join(folder.path, 'awkward.onnx'), awkward);
    const { operators, tensors, head } = await inspect(folder.path, 'awkward.onnx');
    expect(Object.fromEntries(operators.map(({ name, derivative }) => [name, derivative]))).toEqual({
      ...{ Tanh: 'yes', Add: 'yes', Softmax: 'yes', Floor: 'straight-through', Bernoulli: 'unsupported' },
    });
    expect(head?.kind).toBe('softmax');
    expect(tensors.filter(({ asInput }) => asInput).map(({ name }) => name)).toEqual([
      'hidden',
      'steps',
      'sum',
    ]);
    const { stdout } = await edjm(folder.path, ['inspect', 'awkward.onnx']);
    expect(stdout).toContain('ends in Softmax');
    expect(stdout).toContain('1 Bernoulli: not supported');
    expect(stdout).toContain('hidden float32 [n, 4]');
  });

  it('reads descriptions and models of TensorFlow.js', async () => {
    await using folder = await testFolder();
    const network = multilayerPerceptron({ dIn: D_IN, hidden: [8], dOut: 3, seed: 4, name: 'small' });
    const withHead = { ...network, layers: [...network.layers, softmax()] };
    await writeFile(join(folder.path, 'small.json'), JSON.stringify(describeNetwork(withHead)));
    await writeFile(join(folder.path, 'small.safetensors'), networkWeights(withHead));
    const described = await inspect(folder.path, 'small.json');
    expect(described).toMatchObject({ head: { kind: 'softmax' }, parameters: { count: 83 } });
    const { modelJson, weights } = writeLayersModel(network);
    await writeFile(join(folder.path, 'model.json'), modelJson);
    await writeFile(join(folder.path, 'weights.bin'), weights);
    const { inputs, tensors, operators, parameters } = await inspect(folder.path, 'model.json');
    expect(inputs).toMatchObject([{ shape: [null, D_IN] }]);
    expect(parameters.count).toBe(83);
    expect(operators.map(({ name }) => name)).toContain('Dense');
    expect(tensors.every(({ asInput, asOutput }) => !asInput && asOutput)).toBe(true);
  });

  it('says what to do about a model that needs options', async () => {
    await using folder = await testFolder();
    const open = writeModel({
      name: 'open',
      irVersion: 8,
      opsets: new Map([['', 18]]),
      inputs: [{ name: 'x', elementType: 'float32', shape: ['n', 'length'] }],
      outputs: [{ name: 'y', elementType: 'float32' }],
      initializers: new Map(),
      nodes: [node('Tanh', ['x'], 'hidden'), node('Sigmoid', ['hidden'], 'y')],
    });
    await writeFile(join(folder.path, 'open.onnx'), open);
    const { stdout } = await edjm(folder.path, ['inspect', 'open.onnx']);
    expect(stdout).toContain('to analyze it:');
    expect(stdout).toContain('--input-shape');
    const { tensors } = await inspect(folder.path, 'open.onnx', '--input-shape', '5');
    expect(tensors).toMatchObject([{ name: 'hidden', shape: ['n', 5] }]);
  });
});

describe('files of other frameworks', () => {
  it.each([
    ['net.pt', 'model = torch.load("net.pt"', 'torch.onnx.export('],
    ['net.pth', 'model = torch.load("net.pth"', 'torch.onnx.export('],
    ['net.ckpt', 'load_from_checkpoint("net.ckpt")', 'torch.onnx.export('],
    ['net.pb', 'pip install tf2onnx', '--graphdef "net.pb"'],
    ['saved_model.pb', 'pip install tf2onnx', '--saved-model "."'],
  ])('are refused with the two lines that export %s', async (name, first, second) => {
    await using folder = await testFolder();
    await writeFile(join(folder.path, name), Uint8Array.of(0x0a, 1, 2, 3));
    for (const args of [
      ['inspect', name],
      ['analyze', name, '--data', 'data.npy'],
    ]) {
      const { code, stderr } = await edjm(folder.path, args);
      expect(code).toBe(2);
      const lines = stderr.trimEnd().split('\n');
      expect(lines).toHaveLength(3);
      expect(lines[1]).toContain(first);
      expect(lines[2]).toContain(second);
    }
  });

  it('are read if they are ONNX under another name', async () => {
    await using folder = await testFolder();
    await copyFile(join(folder.path, 'model.onnx'), join(folder.path, 'model.pb'));
    expect((await inspect(folder.path, 'model.pb')).parameters.count).toBe(83);
  });
});
