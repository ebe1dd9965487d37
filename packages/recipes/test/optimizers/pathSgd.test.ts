import { cpuBackend } from '@edjm/backend-cpu';
import type { FloatArray } from '@edjm/core';
import {
  averagePool2d,
  conv2d,
  dense,
  flatten,
  globalAveragePool2d,
  globalMaxPool2d,
  maxPool2d,
  type Network,
  networkParameters,
  relu,
  scale,
  seededRandom,
  sigmoid,
  softmax,
  type Tensor,
  valueCount,
  withParameters,
} from '@edjm/network';
import { describe, expect, it } from 'vitest';
import { pathFactors, pathSgd } from '../../src/index.ts';

const random = seededRandom(7);

function weight(...shape: number[]): Tensor {
  return { shape, data: Float64Array.from({ length: valueCount(shape) }, random.normal) };
}

function vector(length: number): FloatArray {
  return weight(length).data;
}

const perceptron: Network = {
  name: 'perceptron',
  inputShape: [2],
  layers: [
    dense({ weight: weight(3, 2), bias: vector(3) }),
    relu(),
    dense({ weight: weight(2, 3) }),
    relu(),
    dense({ weight: weight(2, 2), bias: vector(2) }),
    softmax(),
  ],
};

const convolutional: Network = {
  name: 'convolutional',
  inputShape: [2, 5, 6],
  layers: [
    conv2d({
      weight: weight(4, 1, 2, 3),
      bias: vector(4),
      stride: [1, 2],
      padding: [1, 0, 0, 1],
      dilation: [2, 1],
      groups: 2,
    }),
    relu(),
    scale(vector(4)),
    conv2d({ weight: weight(2, 4, 2, 2) }),
    flatten(),
    dense({ weight: weight(2, 2 * 3 * 2) }),
  ],
};

/**
 * The sum over all paths of the products of squares is the sum of the outputs of the network with squares as weights at an input of ones, and
 * linear in each square: the slope is its change where one grows by 1.
 */
async function slope(network: Network, name: string, index: number): Promise<number> {
  const at = async (change: number): Promise<number> => {
    const values = [...networkParameters(network)].map(([parameter, { shape, data }]) => {
      const squares = Float64Array.from(data, (value) => value ** 2);
      if (parameter === name) squares[index] = squares[index]! + change;
      return [parameter, { shape, data: squares }] as const;
    });
    const loaded = await cpuBackend().loadTrainable(withParameters(network, new Map(values)));
    const size = valueCount(network.inputShape);
    const { data } = await loaded.forward({ rows: 1, columns: size, data: new Float64Array(size).fill(1) });
    return Float64Array.from(data).reduce((a, b) => a + b, 0);
  };
  return (await at(1)) - (await at(0));
}

describe('pathFactors', () => {
  it('is the sum over paths, one by one', () => {
    const parameters = networkParameters(perceptron);
    const factors = pathFactors(perceptron)(parameters);
    const [first, second, third] = ['0.weight', '2.weight', '4.weight'].map(
      (name) => parameters.get(name)!.data,
    );
    const offset = parameters.get('0.bias')!.data;
    // Through the weight from hidden unit j to hidden unit k: from the two inputs or the unit of ones, to the two outputs.
    for (let k = 0; k < 2; k++) {
      for (let j = 0; j < 3; j++) {
        let paths = 0;
        for (let o = 0; o < 2; o++) {
          const end = third![o * 2 + k]! ** 2;
          for (let i = 0; i < 2; i++) paths += first![j * 2 + i]! ** 2 * end;
          paths += offset[j]! ** 2 * end;
        }
        expect(factors.get('2.weight')![k * 3 + j]).toBeCloseTo(paths, 12);
      }
    }
    for (let j = 0; j < 3; j++) {
      let paths = 0;
      for (let k = 0; k < 2; k++) {
        for (let o = 0; o < 2; o++) paths += second![k * 3 + j]! ** 2 * third![o * 2 + k]! ** 2;
      }
      expect(factors.get('0.bias')![j]).toBeCloseTo(paths, 12);
      expect(factors.get('0.weight')![2 * j]).toBeCloseTo(paths, 12);
      expect(factors.get('0.weight')![2 * j + 1]).toBeCloseTo(paths, 12);
    }
    expect([...factors.get('4.bias')!]).toEqual([1, 1]);
  });

  it.each([perceptron, convolutional])('is the slope of the sum over paths: $name', async (network) => {
    const parameters = networkParameters(network);
    const factors = pathFactors(network)(parameters);
    expect([...factors.keys()].sort()).toEqual([...parameters.keys()].sort());
    for (const [name, values] of factors) {
      expect(values).toHaveLength(parameters.get(name)!.data.length);
      for (const [index, value] of values.entries()) {
        const expected = await slope(network, name, index);
        expect(Math.abs(value - expected)).toBeLessThan(1e-9 * (1 + Math.abs(expected)));
      }
    }
  });

  it('goes through pooling: by 1 to a maximum, by 1 / count to a mean', () => {
    const through = (layer: Network['layers'][number], outputs: number): number[] => {
      const network: Network = {
        name: 'pooling',
        inputShape: [1, 2, 3],
        layers: [
          conv2d({ weight: { shape: [1, 1, 1, 1], data: Float64Array.of(3) } }),
          layer,
          flatten(),
          dense({ weight: { shape: [1, outputs], data: new Float64Array(outputs).fill(2) } }),
        ],
      };
      const factors = pathFactors(network)(networkParameters(network));
      return [...factors.get('0.weight')!, ...factors.get('3.weight')!];
    };
    expect(through(globalMaxPool2d(), 1)).toEqual([6 * 4, 6 * 9]);
    // Two windows, which share values.
    expect(through(maxPool2d({ kernel: 2, stride: 1 }), 2)).toEqual([8 * 4, 4 * 9, 4 * 9]);
    const means: [Network['layers'][number], number][] = [
      [globalAveragePool2d(), 6],
      [averagePool2d({ kernel: [2, 3] }), 6],
      [averagePool2d({ kernel: [3, 3], padding: [1, 0, 0, 0] }), 6],
      [averagePool2d({ kernel: [3, 3], padding: [1, 0, 0, 0], countIncludePad: true }), 9],
    ];
    for (const [layer, count] of means) {
      const [kernel, weight] = through(layer, 1);
      expect(kernel).toBeCloseTo((6 / count ** 2) * 4, 12);
      expect(weight).toBeCloseTo((6 / count ** 2) * 9, 12);
    }
  });

  it('names a layer that paths do not run along', () => {
    const network: Network = { ...perceptron, layers: [perceptron.layers[0]!, sigmoid()] };
    expect(() => pathFactors(network)).toThrow(
      /path-sgd: perceptron, layer 1: expected dense, conv2d, .*, got sigmoid\. Take another optimizer\./,
    );
    const inside: Network = { ...perceptron, layers: [perceptron.layers[0]!, softmax(), relu()] };
    expect(() => pathFactors(inside)).toThrow(expect.objectContaining({ code: 'UNSUPPORTED' }) as Error);
  });
});

describe('pathSgd', () => {
  const samples = { rows: 5, columns: 2, data: Float64Array.from({ length: 10 }, random.normal) };
  const targets = {
    rows: 5,
    columns: 2,
    data: Float64Array.from({ length: 10 }, (_, i) => Number(i % 4 === 0 || i % 4 === 3)),
  };

  async function outputsAfterSteps(network: Network): Promise<readonly number[]> {
    const loaded = await cpuBackend().loadTrainable(network);
    const run = pathSgd({ network }).start(loaded);
    for (let step = 0; step < 5; step++) await run.step(samples, targets, { learningRate: 0.05 });
    return [...(await loaded.forward(samples)).data];
  }

  it('changes the function in the same way however its layers are scaled', async () => {
    const rescaled = withParameters(
      perceptron,
      new Map(
        [...networkParameters(perceptron)].map(([name, { shape, data }]) => {
          const factor = name.startsWith('0.') ? 8 : name === '2.weight' ? 1 / 8 : 1;
          return [name, { shape, data: data.map((value) => factor * value) }];
        }),
      ),
    );
    const before = [...(await (await cpuBackend().loadTrainable(perceptron)).forward(samples)).data];
    const [one, other] = [await outputsAfterSteps(perceptron), await outputsAfterSteps(rescaled)];
    expect(Math.max(...one.map((value, i) => Math.abs(value - before[i]!)))).toBeGreaterThan(0.01);
    for (const [i, value] of one.entries()) expect(other[i]).toBeCloseTo(value, 10);
  });

  it('leaves a weight on no path as it is', async () => {
    const dead = withParameters(
      perceptron,
      new Map([['2.weight', { shape: [2, 3], data: new Float64Array(6) }]]),
    );
    const loaded = await cpuBackend().loadTrainable(dead);
    await pathSgd({ network: dead }).start(loaded).step(samples, targets, { learningRate: 0.1 });
    const after = (await loaded.parameters()).get('0.weight')!.data;
    expect([...after]).toEqual([...networkParameters(dead).get('0.weight')!.data]);
  });
});
