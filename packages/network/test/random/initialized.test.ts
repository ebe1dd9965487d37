import { describe, expect, it } from 'vitest';
import {
  batchNorm,
  conv2d,
  dense,
  flatten,
  glorotUniform,
  initialized,
  type Network,
  networkParameters,
  networkStatistics,
  relu,
  residual,
  seededRandom,
} from '../../src/index.ts';

const network: Network = {
  name: 'small',
  inputShape: [1, 2, 2],
  layers: [
    residual([conv2d({ weight: { shape: [1, 1, 1, 1], data: Float64Array.of(5) } })]),
    flatten(),
    batchNorm({
      scale: Float64Array.of(2, 2, 2, 2),
      bias: Float64Array.of(3, 3, 3, 3),
      mean: Float64Array.of(4, 4, 4, 4),
      variance: Float64Array.of(5, 5, 5, 5),
    }),
    relu(),
    dense({ weight: { shape: [2, 4], data: new Float64Array(8) }, bias: Float64Array.of(6, 7) }),
  ],
};

describe('initialized', () => {
  it('draws weights in order, and puts the rest to what changes nothing', () => {
    const random = seededRandom(3);
    const kernel = glorotUniform([1, 1, 1, 1], random).data;
    const weight = glorotUniform([2, 4], random).data;
    const fresh = initialized(network, { initializer: glorotUniform, seed: 3 });
    const values = [...networkParameters(fresh)].map(([name, { data }]) => [name, [...data]]);
    expect(Object.fromEntries(values)).toEqual({
      '0.body.0.weight': [...kernel],
      '2.weight': [1, 1, 1, 1],
      '2.bias': [0, 0, 0, 0],
      '4.weight': [...weight],
      '4.bias': [0, 0],
    });
    expect([...networkStatistics(fresh).values()].map(({ data }) => [...data])).toEqual([
      [0, 0, 0, 0],
      [1, 1, 1, 1],
    ]);
  });

  it('repeats for a seed, and leaves the network as it was', () => {
    expect(initialized(network, { seed: 1 })).toEqual(initialized(network, { seed: 1 }));
    expect(initialized(network, { seed: 1 })).not.toEqual(initialized(network, { seed: 2 }));
    expect(network.layers[4]).toMatchObject({ bias: Float64Array.of(6, 7) });
  });
});
