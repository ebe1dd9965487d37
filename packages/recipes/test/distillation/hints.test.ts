import { cpuBackend } from '@edjm/backend-cpu';
import {
  inferShapes,
  multilayerPerceptron,
  type Network,
  networkFromDescription,
  networkParameters,
  tanh,
  withParameters,
} from '@edjm/network';
import { describe, expect, it } from 'vitest';
import { hintNetwork, logitTargets, teacherOutputs, withHint } from '../../src/index.ts';
import { logitDistance, normalSamples, trained } from './student.ts';

const image = networkFromDescription({
  name: 'thin',
  inputShape: [1, 6, 6],
  layers: [
    { type: 'conv2d', channels: 2, kernel: 3, padding: 1 },
    { type: 'relu' },
    { type: 'maxPool2d', kernel: 2 },
    { type: 'flatten' },
    { type: 'dense', units: 4 },
  ],
});

describe('hintNetwork', () => {
  it.each([
    { layer: 1, hintShape: [5, 4, 4], types: ['conv2d', 'relu', 'conv2d'], output: [5, 4, 4] },
    { layer: 1, hintShape: [5, 6, 6], types: ['conv2d', 'relu', 'conv2d'], output: [5, 6, 6] },
    {
      layer: 2,
      hintShape: [5, 4, 4],
      types: ['conv2d', 'relu', 'maxPool2d', 'flatten', 'dense'],
      output: [80],
    },
    { layer: 1, hintShape: [7], types: ['conv2d', 'relu', 'flatten', 'dense'], output: [7] },
    { layer: 4, hintShape: [7], types: [...image.layers.map(({ type }) => type), 'dense'], output: [7] },
  ])('leads from layer $layer to $hintShape', ({ layer, hintShape, types, output }) => {
    const network = hintNetwork(image, { layer, hintShape });
    expect(network.layers.map(({ type }) => type)).toEqual(types);
    expect(network.layers.slice(0, layer + 1)).toEqual(image.layers.slice(0, layer + 1));
    expect(inferShapes(network).at(-1)).toEqual(output);
  });

  it('takes the regressor that it is told, of a seed', () => {
    const options = { layer: 1, hintShape: [5, 4, 4], regressor: 'dense' } as const;
    expect(inferShapes(hintNetwork(image, options)).at(-1)).toEqual([80]);
    expect(hintNetwork(image, { ...options, seed: 1 })).not.toEqual(hintNetwork(image, options));
  });

  it('refuses layers that are not there, and a convolution that does not reach the hint', () => {
    for (const layer of [-1, 5, 0.5]) {
      const call = () => hintNetwork(image, { layer, hintShape: [3] });
      expect(call).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }) as Error);
      expect(() => withHint(image, layer, new Map())).toThrow(/expected a layer from 0 to 4/);
    }
    const call = () => hintNetwork(image, { layer: 2, hintShape: [5, 4, 4], regressor: 'conv2d' });
    expect(call).toThrow(expect.objectContaining({ code: 'SHAPE_MISMATCH' }) as Error);
  });
});

describe('withHint', () => {
  it('puts back the layers that were trained, and not the regressor', () => {
    const student = multilayerPerceptron({ dIn: 3, hidden: [4, 4], dOut: 2, seed: 1 });
    // Its regressor is layer 2, as is a layer of the student.
    const hint = hintNetwork(student, { layer: 1, hintShape: [4], seed: 5 });
    const values = [...networkParameters(hint)].map(
      ([name, { shape, data }]) => [name, { shape, data: data.map(() => 7) }] as const,
    );
    const result = networkParameters(withHint(student, 1, new Map(values)));
    const before = networkParameters(student);
    for (const [name, { data }] of result) {
      if (name.startsWith('0.')) expect(new Set(data)).toEqual(new Set([7]));
      else expect(data).toEqual(before.get(name)?.data);
    }
  });

  it('gives a thin deep student a head start', async () => {
    const sizes = { dIn: 5, dOut: 3, activation: tanh() };
    const teacher = multilayerPerceptron({ ...sizes, hidden: [20, 20], seed: 1 });
    const student = multilayerPerceptron({ ...sizes, hidden: [8, 8, 8, 8, 8, 8, 8, 8], seed: 2 });
    const [samples, fresh] = [normalSamples(80, 5, 3), normalSamples(200, 5, 4)];
    const hidden = await cpuBackend().load({ ...teacher, layers: teacher.layers.slice(0, 4) });
    const hints = await teacherOutputs(hidden, samples);
    const targets = await logitTargets(await cpuBackend().load(teacher), samples);
    const options = { learningRate: 0.02, momentum: 0.9, loss: 'squared-error' } as const;
    const afterDistillation = async (network: Network) => {
      const parameters = await trained(network, { samples, targets, steps: 40, options });
      return logitDistance(withParameters(network, parameters), teacher, fresh);
    };

    const layer = 7;
    const hint = hintNetwork(student, { layer, hintShape: [20] });
    const layers = await trained(hint, { samples, targets: hints, steps: 100, options });
    const hinted = await afterDistillation(withHint(student, layer, layers));
    expect(hinted).toBeLessThan(0.8 * (await afterDistillation(student)));
  });
});
