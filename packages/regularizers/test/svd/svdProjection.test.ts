import { cpuBackend } from '@edjm/backend-cpu';
import { networkParameters, valueCount, withParameters } from '@edjm/network';
import { describe, expect, it } from 'vitest';
import { layerLogSpectrum, mergedSvd, svdFactorized, svdLayers } from '../../src/index.ts';
import { convolutionalNetwork, denseNetwork, moved } from '../networks.ts';
import { farthestFromOrthonormal, randomMatrix, relativeDifference } from '../numbers.ts';

const networks = [denseNetwork(), convolutionalNetwork()].map((network) =>
  moved(svdFactorized(network), 0.1),
);

describe.each(networks)('the projection of SVD layers of a $name network', (network) => {
  const layers = svdLayers(network);
  const { projection } = layerLogSpectrum({ strength: 1, layers });
  const parameters = networkParameters(network);
  const velocities = new Map(
    [...parameters].map(([name, { shape, data }], at) => [
      name,
      { shape, data: randomMatrix(1, data.length, at + 20).data },
    ]),
  );
  const applied = projection!.apply(parameters, velocities);

  it('leaves the function as it was', async () => {
    const batch = randomMatrix(4, valueCount(network.inputShape), 1);
    const before = await (await cpuBackend().load(network)).forward(batch);
    const after = await (await cpuBackend().load(withParameters(network, applied.parameters))).forward(batch);
    expect(relativeDifference(after.data, before.data)).toBeLessThan(1e-12);
  });

  it('makes U and V orthonormal, and s descending and positive', () => {
    for (const { v, s, u } of layers) {
      const ofV = applied.parameters.get(v)!;
      expect(
        farthestFromOrthonormal({
          rows: ofV.shape[0]!,
          columns: ofV.data.length / ofV.shape[0]!,
          data: ofV.data,
        }),
      ).toBeLessThan(1e-12);
      const { shape, data } = applied.parameters.get(u)!;
      const [rows, columns] = shape as [number, number];
      const transposed = Float64Array.from(
        data,
        (_, i) => data[(i % rows) * columns + Math.floor(i / rows)]!,
      );
      expect(farthestFromOrthonormal({ rows: columns, columns: rows, data: transposed })).toBeLessThan(1e-12);
      const values = Array.from(applied.parameters.get(s)!.data);
      expect(values).toEqual([...values].sort((a, b) => b - a));
      expect(values.at(-1)).toBeGreaterThan(0);
    }
  });

  it('names the parameters of the layers alone, and no velocities if there are none', () => {
    const names = layers.flatMap(({ v, s, u }) => [v, s, u]).sort();
    expect([...applied.parameters.keys()].sort()).toEqual(names);
    expect([...applied.velocities!.keys()].sort()).toEqual(names);
    expect(projection!.apply(parameters, new Map()).velocities!.size).toBe(0);
    expect(() => projection!.apply(new Map(), new Map())).toThrow(/expected 0\.weight among the parameters/);
  });
});

describe('velocities', () => {
  // With orthonormal factors that are permuted and reflected, the projection undoes that: velocities must move as the factors do.
  it('turn as the factors do', () => {
    const network = svdFactorized(denseNetwork());
    const layers = svdLayers(network).slice(0, 1);
    const { v, s, u } = layers[0]!;
    const parameters = networkParameters(network);
    const [ofV, ofS, ofU] = [v, s, u].map((name) => parameters.get(name)!);
    const r = ofS!.data.length;
    const order = Array.from({ length: r }, (_, i) => r - 1 - i);
    const sign = (i: number): number => (i % 2 === 0 ? 1 : -1);
    const mixedV = Float64Array.from(
      ofV!.data,
      (_, at) => ofV!.data[order[Math.floor(at / 5)]! * 5 + (at % 5)]!,
    );
    const mixedU = Float64Array.from(
      ofU!.data,
      (_, at) => sign(at % r) * ofU!.data[Math.floor(at / r) * r + order[at % r]!]!,
    );
    const mixedS = Float64Array.from(ofS!.data, (_, i) => sign(i) * ofS!.data[order[i]!]!);
    const mixed = new Map([
      [v, { ...ofV!, data: mixedV }],
      [s, { ...ofS!, data: mixedS }],
      [u, { ...ofU!, data: mixedU }],
    ]);
    // Velocities along the factors themselves: those of the result are along its factors.
    const applied = layerLogSpectrum({ strength: 1, layers }).projection!.apply(mixed, mixed);
    for (const [name, { data }] of applied.parameters) {
      expect(relativeDifference(applied.velocities!.get(name)!.data, data)).toBeLessThan(1e-12);
    }
    expect(relativeDifference(applied.parameters.get(s)!.data, ofS!.data)).toBeLessThan(1e-12);
  });

  it('move the merged weight as before, to first order', () => {
    const network = svdFactorized(denseNetwork());
    const layers = svdLayers(network);
    // Factors that are orthonormal, but no longer in order.
    const parameters = new Map(networkParameters(network));
    const first = parameters.get('1.scale')!;
    parameters.set('1.scale', {
      ...first,
      data: first.data.map((value, i) => (i === 1 ? -2 * value : value)),
    });
    const velocities = new Map(
      [...parameters].map(([name, { shape, data }], at) => [
        name,
        { shape, data: randomMatrix(1, data.length, at).data },
      ]),
    );
    const { projection } = layerLogSpectrum({ strength: 1, layers });
    const applied = projection!.apply(parameters, velocities);
    const step = 1e-6;
    const weightAfter = (
      values: ReadonlyMap<string, { data: ArrayLike<number> }>,
      speeds: typeof velocities,
      way: number,
    ) => {
      const stepped = [...networkParameters(network)].flatMap(([name, { shape }]) => {
        const value = values.get(name);
        if (value === undefined) return [];
        const data = Float64Array.from(value.data, (entry, at) => entry + way * speeds.get(name)!.data[at]!);
        return [[name, { shape, data }] as const];
      });
      return networkParameters(mergedSvd(withParameters(network, new Map(stepped)))).get('0.weight')!.data;
    };
    const change = (values: typeof parameters | typeof applied.parameters, speeds: typeof velocities) => {
      const [above, below] = [weightAfter(values, speeds, step), weightAfter(values, speeds, -step)];
      return above.map((entry, at) => (entry - below[at]!) / (2 * step));
    };
    const before = change(parameters, velocities);
    const after = change(
      applied.parameters,
      new Map([...velocities, ...applied.velocities!]) as typeof velocities,
    );
    expect(relativeDifference(after, before)).toBeLessThan(1e-6);
  });
});
