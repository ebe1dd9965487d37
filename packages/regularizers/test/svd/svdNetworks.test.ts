import { cpuBackend } from '@edjm/backend-cpu';
import { EdjmError } from '@edjm/core';
import { singularValuesOfRows } from '@edjm/linalg';
import {
  conv2d,
  dense,
  inferShapes,
  type Layer,
  multilayerPerceptron,
  type Network,
  networkParameters,
  residual,
  scale,
  valueCount,
} from '@edjm/network';
import { describe, expect, it } from 'vitest';
import { mergedSvd, prunedSvd, svdFactorized, svdLayers } from '../../src/index.ts';
import { convolutionalNetwork, denseNetwork, moved } from '../networks.ts';
import { farthestFromOrthonormal, randomMatrix, relativeDifference } from '../numbers.ts';

async function outputs(network: Network): Promise<Float64Array> {
  const loaded = await cpuBackend().load(network);
  const { data } = await loaded.forward(randomMatrix(6, valueCount(network.inputShape), 8));
  return Float64Array.from(data);
}

const networks = [denseNetwork(), convolutionalNetwork()];

describe.each(networks)('a $name network', (network) => {
  const factorized = svdFactorized(network);

  it('computes the same with SVD layers, and has as many as weights', async () => {
    expect(relativeDifference(await outputs(factorized), await outputs(network))).toBeLessThan(1e-12);
    expect(svdLayers(factorized)).toHaveLength(3);
  });

  it('has orthonormal factors, and singular values that are those of the weights', () => {
    const parameters = networkParameters(factorized);
    const weights = [...networkParameters(network)].filter(([name]) => name.endsWith('weight'));
    const matrix = (name: string) => {
      const { shape, data } = parameters.get(name)!;
      return { rows: shape[0]!, columns: data.length / shape[0]!, data };
    };
    for (const [at, { v, s, u }] of svdLayers(factorized).entries()) {
      const { shape, data } = weights[at]![1];
      const values = singularValuesOfRows({ rows: shape[0]!, columns: data.length / shape[0]!, data });
      expect(relativeDifference(parameters.get(s)!.data, values)).toBeLessThan(1e-13);
      expect(farthestFromOrthonormal(matrix(v))).toBeLessThan(1e-13);
      const { rows, columns, data: ofU } = matrix(u);
      const transposed = Float64Array.from(ofU, (_, i) => ofU[(i % rows) * columns + Math.floor(i / rows)]!);
      expect(farthestFromOrthonormal({ rows: columns, columns: rows, data: transposed })).toBeLessThan(1e-13);
    }
  });

  it('is the same again when merged, layer by layer', async () => {
    const merged = mergedSvd(factorized);
    expect(merged.layers.map(({ type }) => type)).toEqual(network.layers.map(({ type }) => type));
    for (const [name, { shape, data }] of networkParameters(network)) {
      const parameter = networkParameters(merged).get(name)!;
      expect(parameter.shape).toEqual(shape);
      expect(relativeDifference(parameter.data, data)).toBeLessThan(1e-13);
    }
    // The dilation, the stride and the padding among them.
    expect(await outputs(merged)).toHaveLength((await outputs(network)).length);
    const strangers = moved(factorized);
    expect(relativeDifference(await outputs(mergedSvd(strangers)), await outputs(strangers))).toBeLessThan(
      1e-12,
    );
  });

  it('keeps its SVD layers when it is factorized again', () => {
    expect(svdFactorized(factorized)).toEqual(factorized);
  });

  it('computes nearly the same with terms pruned, and exactly the same with none', async () => {
    expect(prunedSvd(factorized, { energy: 0 })).toEqual(factorized);
    const pruned = prunedSvd(factorized, { energy: 0.05 });
    for (const [at, { s }] of svdLayers(pruned).entries()) {
      const before = networkParameters(factorized).get(svdLayers(factorized)[at]!.s)!.data;
      const after = networkParameters(pruned).get(s)!.data;
      const energyOf = (values: ArrayLike<number>) =>
        Array.from(values).reduce((sum, value) => sum + value ** 2, 0);
      expect(after).toEqual(before.slice(0, after.length));
      expect(energyOf(after)).toBeGreaterThanOrEqual(0.95 * energyOf(before));
      expect(energyOf(after) - after.at(-1)! ** 2).toBeLessThan(0.95 * energyOf(before));
    }
    const [part, whole] = [await outputs(pruned), await outputs(network)];
    expect(relativeDifference(part, whole)).toBeLessThan(0.6);
    expect(await outputs(mergedSvd(pruned))).toHaveLength(whole.length);
  });
});

describe('svdFactorized', () => {
  it('takes the layers that are named, in residual layers too', () => {
    const network = convolutionalNetwork();
    expect(svdLayers(svdFactorized(network, { layers: ['2.body.0'] }))).toEqual([
      { v: '2.body.0.weight', s: '2.body.1.scale', u: '2.body.2.weight' },
    ]);
    expect(svdLayers(svdFactorized(network, { layers: ['0', '5'] })).map(({ s }) => s)).toEqual([
      '1.scale',
      '8.scale',
    ]);
  });

  it('keeps as many terms as the rank says: those of the best approximation', async () => {
    const network = denseNetwork();
    const factorized = svdFactorized(network, { rank: 2 });
    expect(svdLayers(factorized).map(({ s }) => networkParameters(factorized).get(s)!.shape)).toEqual([
      [2],
      [2],
      [2],
    ]);
    const whole = networkParameters(svdFactorized(network)).get('1.scale')!.data;
    expect(
      relativeDifference(networkParameters(factorized).get('1.scale')!.data, whole.slice(0, 2)),
    ).toBeLessThan(1e-13);
  });

  it('gives terms that are zero orthonormal vectors, and weights in float32 factors in float32', () => {
    const weight = { shape: [3, 4], data: Float32Array.of(1, 2, 3, 4, 2, 4, 6, 8, 0, 0, 0, 0) };
    const network = svdFactorized({ name: 'rank 1', inputShape: [4], layers: [dense({ weight })] });
    const [v, s] = [...networkParameters(network).values()];
    expect(s!.data[0]).toBeCloseTo(Math.sqrt(150), 5);
    expect(Array.from(s!.data.slice(1))).toEqual([0, 0]);
    expect(v!.data).toBeInstanceOf(Float32Array);
    expect(farthestFromOrthonormal({ rows: 3, columns: 4, data: v!.data })).toBeLessThan(1e-6);
    expect(inferShapes(network).at(-1)).toEqual([3]);
  });

  it('refuses convolutions in groups, and places that are none', () => {
    const weight = { shape: [2, 1, 1, 1], data: Float64Array.of(1, 2) };
    const network: Network = {
      name: 'groups',
      inputShape: [2, 2, 2],
      layers: [conv2d({ weight, groups: 2 })],
    };
    expect(() => svdFactorized(network)).toThrow(
      new EdjmError(
        'UNSUPPORTED',
        'groups, layer 0: expected a convolution in one group, got 2. Name the other layers in `layers`.',
      ),
    );
    expect(() => svdFactorized(denseNetwork(), { layers: ['1'] })).toThrow(/0, 2, 4, got 1/);
    expect(() => svdFactorized(denseNetwork(), { rank: 0 })).toThrow(/whole number above 0 for rank/);
  });
});

describe('svdLayers', () => {
  const weight = (...shape: number[]) => ({ shape, data: new Float64Array(valueCount(shape)) });
  const v = dense({ weight: weight(2, 3) });
  const s = scale(Float64Array.of(1, 2));
  const u = dense({ weight: weight(4, 2), bias: new Float64Array(4) });
  const kernels = conv2d({ weight: weight(2, 3, 1, 1) });
  const found = (...layers: Layer[]) => svdLayers({ layers });

  it('finds what is one, wherever it stands', () => {
    expect(found(v, s, u)).toEqual([{ v: '0.weight', s: '1.scale', u: '2.weight' }]);
    expect(found(residual([v, s, u]))).toEqual([
      { v: '0.body.0.weight', s: '0.body.1.scale', u: '0.body.2.weight' },
    ]);
    expect(found(kernels, s, conv2d({ weight: weight(4, 2, 1, 1) }))).toHaveLength(1);
    expect(
      found(
        v,
        s,
        u,
        dense({ weight: weight(3, 4) }),
        scale(new Float64Array(3)),
        dense({ weight: weight(3, 3) }),
      ),
    ).toHaveLength(2);
  });

  it.each<[string, Layer[]]>([
    ['the first layer has offsets', [{ ...v, bias: new Float64Array(2) }, s, u]],
    ['a layer is missing', [v, s]],
    ['factors are of another kind', [v, u]],
    [
      'the last convolution looks at neighbors',
      [kernels, s, conv2d({ weight: weight(4, 2, 3, 3), padding: 1 })],
    ],
    ['the last convolution has a stride', [kernels, s, conv2d({ weight: weight(4, 2, 1, 1), stride: 2 })]],
    ['the last convolution pads', [kernels, s, conv2d({ weight: weight(4, 2, 1, 1), padding: 1 })]],
    [
      'the rank is above what a matrix can have',
      [dense({ weight: weight(4, 3) }), scale(new Float64Array(4)), dense({ weight: weight(4, 4) })],
    ],
  ])('finds none where %s', (_, layers) => {
    expect(found(...layers)).toEqual([]);
  });
});

describe('prunedSvd', () => {
  it('leaves out the smallest sizes, whatever their place and sign, but one', () => {
    const network = svdFactorized(multilayerPerceptron({ dIn: 3, hidden: [], dOut: 3 }));
    const [v, , u] = network.layers;
    const changed = { ...network, layers: [v!, scale(Float32Array.of(0.1, -3, 0.2)), u!] };
    const pruned = prunedSvd(changed, { energy: 0.01 });
    expect(networkParameters(pruned).get('1.scale')!.data).toEqual(Float32Array.of(-3));
    const row = networkParameters(pruned).get('0.weight')!;
    expect(row).toEqual({
      shape: [1, 3],
      data: networkParameters(network).get('0.weight')!.data.slice(3, 6),
    });
    const nothing = { ...network, layers: [v!, scale(new Float32Array(3)), u!] };
    expect(networkParameters(prunedSvd(nothing)).get('1.scale')!.data).toHaveLength(1);
    expect(() => prunedSvd(network, { energy: 1 })).toThrow(/energy of at least 0 and below 1, got 1/);
  });
});
