import {
  averagePool2d,
  batchNorm,
  dense,
  flatten,
  heNormal,
  type Layer,
  multilayerPerceptron,
  relu,
  residual,
  seededRandom,
} from '@edjm/network';
import { describe, expect, it } from 'vitest';
import { cpuBackend } from '../src/index.ts';

const random = seededRandom(1);
const layer = (units: number, inputs: number): Layer => dense({ weight: heNormal([units, inputs], random) });
const constant = (length: number, value: number): Float32Array => new Float32Array(length).fill(value);
const normalize = batchNorm({
  scale: constant(8, 3),
  bias: constant(8, 1),
  mean: constant(8, 2),
  variance: constant(8, 0.25),
  epsilon: 0,
});

async function rowsOfW(inputShape: readonly number[], layers: readonly Layer[]): Promise<number | undefined> {
  await using network = await cpuBackend().load({ name: 'f', inputShape, layers });
  return (await network.narrowed?.())?.matrix.rows;
}

describe('a narrowed network', () => {
  it.each<[string, number, readonly Layer[]]>([
    ['a narrow layer', 3, [layer(3, 8), relu(), layer(8, 3)]],
    ['the narrowest of several layers', 2, [layer(5, 8), layer(2, 5), layer(6, 2), relu(), layer(3, 6)]],
    ['layers that change nothing but scale', 3, [normalize, layer(3, 8), relu()]],
    ['a sum of projections', 3, [residual([layer(3, 8)], [layer(5, 8), layer(3, 5)]), relu()]],
    ['all of an affine network', 3, [layer(3, 8)]],
  ])('begins behind %s', async (_, h, layers) => {
    expect(await rowsOfW([8], layers)).toBe(h);
  });

  it('begins behind pooling', async () => {
    expect(await rowsOfW([2, 4, 4], [averagePool2d({ kernel: 2 }), relu(), flatten(), layer(3, 8)])).toBe(8);
  });

  it.each<[string, readonly Layer[]]>([
    ['a wide layer', [layer(9, 8), relu(), layer(3, 9)]],
    ['one that is hardly narrower', [layer(7, 8), relu(), layer(3, 7)]],
    ['a bend', [relu(), layer(3, 8)]],
    ['a narrow layer that the input leads around', [residual([layer(3, 8), relu(), layer(8, 3)]), relu()]],
  ])('is not made of one that begins with %s', async (_, layers) => {
    expect(await rowsOfW([8], layers)).toBeUndefined();
  });

  it('has the weights of a layer as W', async () => {
    const source = multilayerPerceptron({ dIn: 6, hidden: [4], dOut: 2, seed: 1 });
    await using network = await cpuBackend().load(source);
    const narrowed = await network.narrowed?.();
    const [first] = source.layers;
    expect(narrowed?.matrix.data).toEqual(
      Float64Array.from(first?.type === 'dense' ? first.weight.data : []),
    );
  });
});
