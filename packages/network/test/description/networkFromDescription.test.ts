import { describe, expect, it } from 'vitest';
import {
  describeNetwork,
  glorotUniform,
  inferShapes,
  type LayerDescription,
  multilayerPerceptron,
  type NetworkDescription,
  networkFromDescription,
  networkParameters,
  networkStatistics,
} from '../../src/index.ts';
import { thrown } from './thrown.ts';

/** Every layer type, with everything away from its default if it has one. */
const everything: Required<NetworkDescription> = {
  format: 'edjm-network',
  version: 1,
  name: 'everything',
  inputShape: [2, 12, 12],
  layers: [
    { type: 'conv2d', channels: 4, kernel: 3 },
    {
      type: 'conv2d',
      channels: 6,
      kernel: [3, 1],
      stride: [1, 2],
      padding: [1, 0, 2, 1],
      dilation: 2,
      groups: 2,
    },
    { type: 'conv2d', channels: 4, kernel: 1, padding: 1, bias: false },
    { type: 'batchNorm' },
    { type: 'batchNorm', epsilon: 0.001 },
    { type: 'relu' },
    {
      type: 'residual',
      body: [{ type: 'conv2d', channels: 8, kernel: 3, padding: 1 }, { type: 'selu' }],
      shortcut: [{ type: 'conv2d', channels: 8, kernel: 1, bias: false }],
    },
    { type: 'residual', body: [{ type: 'celu', alpha: 0.5 }] },
    { type: 'maxPool2d', kernel: 2 },
    { type: 'averagePool2d', kernel: [2, 3], stride: 1, padding: 1, countIncludePad: true },
    { type: 'averagePool2d', kernel: [2, 1], stride: [1, 2] },
    { type: 'leakyRelu' },
    { type: 'leakyRelu', alpha: 0.2 },
    { type: 'globalAveragePool2d' },
    { type: 'globalMaxPool2d' },
    { type: 'flatten' },
    { type: 'dense', units: 5, bias: false },
    { type: 'scale' },
    { type: 'elu' },
    { type: 'elu', alpha: 2 },
    { type: 'celu' },
    { type: 'gelu' },
    { type: 'gelu', approximate: 'tanh' },
    { type: 'sigmoid' },
    { type: 'tanh' },
    { type: 'softplus' },
    { type: 'dense', units: 3 },
    { type: 'softmax' },
    { type: 'logSoftmax' },
  ],
};

describe('networkFromDescription and describeNetwork', () => {
  it('are inverse to each other, for every type of layer', () => {
    const network = networkFromDescription(everything, { seed: 3 });
    expect(describeNetwork(network)).toEqual(everything);
    expect(networkFromDescription(describeNetwork(network), { seed: 3 })).toEqual(network);
    expect(inferShapes(network).at(-1)).toEqual([3]);
  });

  it('survive a file', () => {
    const text = JSON.stringify(describeNetwork(networkFromDescription(everything)));
    expect(JSON.parse(text)).toEqual(everything);
  });

  it('give what multilayerPerceptron gives for the same seed', () => {
    const options = { dIn: 5, hidden: [4, 3], dOut: 2, seed: 9, initializer: glorotUniform };
    const network = multilayerPerceptron(options);
    expect(networkFromDescription(describeNetwork(network), options)).toEqual(network);
    expect(networkFromDescription(describeNetwork(network))).not.toEqual(network);
  });

  it('begin training: random weights, biases of 0, factors and variances of 1', () => {
    const layers: LayerDescription[] = [
      { type: 'dense', units: 3 },
      { type: 'batchNorm' },
      { type: 'scale' },
    ];
    const network = networkFromDescription({ inputShape: [2], layers });
    expect(network.name).toBe('network');
    const values = [...networkParameters(network), ...networkStatistics(network)].slice(1);
    expect(values.map(([name, { data }]) => [name, ...data])).toEqual([
      ['0.bias', 0, 0, 0],
      ['1.weight', 1, 1, 1],
      ['1.bias', 0, 0, 0],
      ['2.scale', 1, 1, 1],
      ['1.running_mean', 0, 0, 0],
      ['1.running_var', 1, 1, 1],
    ]);
  });

  it.each([
    // Positions ⌈size / stride⌉, and what TensorFlow pads before and behind for SAME.
    { size: 5, kernel: 3, stride: 1, dilation: 1, sides: [1, 1] },
    { size: 5, kernel: 2, stride: 1, dilation: 1, sides: [0, 1] },
    { size: 5, kernel: 3, stride: 2, dilation: 1, sides: [1, 1] },
    { size: 6, kernel: 3, stride: 2, dilation: 1, sides: [0, 1] },
    { size: 6, kernel: 3, stride: 2, dilation: 2, sides: [1, 2] },
    { size: 6, kernel: 1, stride: 3, dilation: 1, sides: [0, 0] },
  ])('pad the same: %j', ({ size, kernel, stride, dilation, sides }) => {
    const [before, behind] = sides;
    const conv = { type: 'conv2d', channels: 1, kernel, stride, dilation, padding: 'same' } as const;
    const pool = { type: 'maxPool2d', kernel: (kernel - 1) * dilation + 1, stride, padding: 'same' } as const;
    for (const layer of [conv, pool]) {
      const network = networkFromDescription({ inputShape: [1, size, size], layers: [layer] });
      expect(network.layers[0]).toMatchObject({ padding: [before, before, behind, behind] });
      const positions = Math.ceil(size / stride);
      expect(inferShapes(network).at(-1)).toEqual([1, positions, positions]);
    }
  });

  it.each<[readonly number[], LayerDescription[], RegExp]>([
    [[1, 2, 2], [{ type: 'relu' }, { type: 'dense', units: 1 }], /odd, layer 1 \(dense\): .*flatten/],
    [
      [3],
      [{ type: 'conv2d', channels: 1, kernel: 1, padding: 'same' }],
      /layer 0 \(conv2d\): expected an image/,
    ],
    [[3, 2, 2], [{ type: 'conv2d', channels: 2, kernel: 1, groups: 2 }], /layer 0 \(conv2d\): .*2 group/],
    [[2, 2, 2], [{ type: 'conv2d', channels: 3, kernel: 1, groups: 2 }], /layer 0 \(conv2d\): .*2 group/],
    [[1, 2, 2], [{ type: 'maxPool2d', kernel: 3 }], /layer 0 \(maxPool2d\): /],
    [
      [3],
      [
        { type: 'relu' },
        { type: 'residual', body: [{ type: 'dense', units: 2 }] },
        { type: 'dense', units: 1 },
      ],
      /layer 1 \(residual\): expected body and shortcut/,
    ],
  ])('name the layer that does not fit: %j %j', (inputShape, layers, message) => {
    const error = thrown(() => networkFromDescription({ name: 'odd', inputShape, layers }));
    expect(error.code).toBe('SHAPE_MISMATCH');
    expect(error.message).toMatch(message);
  });
});
