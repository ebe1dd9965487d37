import { describe, expect, it } from 'vitest';
import {
  describeNetwork,
  networkFromDescription,
  networkFromFiles,
  networkParameters,
  networkStatistics,
  networkWeights,
  type Tensor,
  withParameters,
  writeSafetensors,
} from '../../src/index.ts';
import { thrown } from './thrown.ts';

const untrained = networkFromDescription({
  name: 'two files',
  inputShape: [3],
  layers: [
    { type: 'dense', units: 4 },
    { type: 'batchNorm' },
    { type: 'residual', body: [{ type: 'dense', units: 4, bias: false }] },
    { type: 'scale' },
  ],
});
const named = new Map([...networkParameters(untrained), ...networkStatistics(untrained)]);

/** Other values for everything, as after training. */
const trained = withParameters(
  untrained,
  new Map(
    [...named].map(([name, { shape, data }], index) => [
      name,
      { shape, data: data.map((_, i) => index + i / 8 + 1) },
    ]),
  ),
);
const json: unknown = JSON.parse(JSON.stringify(describeNetwork(trained)));

/** The trained tensors with one of them replaced or left out. */
function changed(name: string, tensor?: Tensor): Uint8Array {
  const tensors = new Map([...networkParameters(trained), ...networkStatistics(trained)]);
  if (tensor) tensors.set(name, tensor);
  else tensors.delete(name);
  return writeSafetensors(tensors);
}

describe('networkFromFiles', () => {
  it('gives the network whose files they are', () => {
    expect(networkFromFiles(json, networkWeights(trained))).toEqual(trained);
  });

  it('keeps float64', () => {
    const weight = { shape: [4, 3], data: new Float64Array(12).fill(1 / 3) };
    const network = networkFromFiles(json, changed('0.weight', weight));
    expect(networkParameters(network).get('0.weight')).toEqual(weight);
  });

  it.each([
    ['2.body.0.weight', undefined, /"2\.body\.0\.weight" .*expected \[4, 4\], got none/],
    ['1.running_var', undefined, /"1\.running_var" .*expected \[4\], got none/],
    ['4.bias', { shape: [4], data: new Float32Array(4) }, /"4\.bias" .*expected none, got \[4\]/],
    [
      '0.weight',
      { shape: [3, 4], data: new Float32Array(12) },
      /"0\.weight" .*expected \[4, 3\], got \[3, 4\]/,
    ],
  ])('refuses another %s', (name, tensor, message) => {
    const error = thrown(() => networkFromFiles(json, changed(name, tensor)));
    expect(error.code).toBe('INVALID_FILE');
    expect(error.message).toMatch(message);
  });

  it('refuses weights that are not finite, and damaged files', () => {
    const nan = { shape: [4], data: new Float32Array(4).fill(NaN) };
    expect(thrown(() => networkFromFiles(json, changed('3.scale', nan))).code).toBe('INVALID_DATA');
    expect(thrown(() => networkFromFiles(json, networkWeights(trained).subarray(9))).code).toBe(
      'INVALID_FILE',
    );
    expect(thrown(() => networkFromFiles({}, networkWeights(trained))).code).toBe('INVALID_FILE');
  });
});
