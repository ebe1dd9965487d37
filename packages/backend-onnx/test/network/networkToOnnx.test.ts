import { cpuBackend } from '@edjm/backend-cpu';
import { EdjmError } from '@edjm/core';
import { type LayerDescription, type Network, networkFromDescription, seededRandom } from '@edjm/network';
import { expect, it } from 'vitest';
import { networkToOnnx, onnxBackend } from '../../src/index.ts';

const image: LayerDescription[] = [
  { type: 'conv2d', channels: 4, kernel: 3, stride: 2, padding: 'same', groups: 2 },
  { type: 'batchNorm' },
  { type: 'leakyRelu' },
  { type: 'residual', body: [{ type: 'conv2d', channels: 4, kernel: 3, padding: 1 }, { type: 'gelu' }] },
  { type: 'averagePool2d', kernel: 2, padding: 1 },
  { type: 'flatten' },
  { type: 'dense', units: 5 },
  { type: 'tanh' },
  { type: 'dense', units: 3 },
];

const networks = [
  networkFromDescription({ name: 'image', inputShape: [2, 8, 8], layers: image }),
  networkFromDescription({
    name: 'classifier',
    inputShape: [6],
    layers: [
      { type: 'dense', units: 9, bias: false },
      { type: 'scale' },
      { type: 'elu' },
      { type: 'softmax' },
    ],
  }),
];

it.each(networks)('an .onnx file of $name gives the outputs of the network', async (network) => {
  const random = seededRandom(4);
  const columns = network.inputShape.reduce((product, size) => product * size);
  const batch = { rows: 3, columns, data: Float32Array.from({ length: 3 * columns }, random.normal) };
  const options = { outputKind: network.name === 'classifier' ? 'probability' : 'logit' } as const;
  const oracle = await cpuBackend().load(network, options);
  const read = await onnxBackend().load(networkToOnnx(network), options);
  const expected = await oracle.forward(batch);
  const { rows, columns: dOut, data } = await read.forward(batch);
  expect([rows, dOut]).toEqual([expected.rows, expected.columns]);
  const largest = Math.max(...expected.data.map(Math.abs));
  expect(largest).toBeGreaterThan(0.1);
  for (const [i, value] of expected.data.entries()) {
    expect(Math.abs((data[i] ?? NaN) - value)).toBeLessThan(1e-5 * largest);
  }
  await read.dispose();
});

it('refuses a network whose layers do not fit each other', () => {
  const network: Network = { ...networks[1]!, inputShape: [7] };
  expect(() => networkToOnnx(network)).toThrow(EdjmError);
});
