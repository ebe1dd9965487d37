import { cpuBackend } from '@edjm/backend-cpu';
import { analyze } from '@edjm/core';
import { dense, type Layer, type Network, relu, tanh } from '@edjm/network';
import { describe, expect, it } from 'vitest';
import { linearRegions, planeRegions, regionsOnPlane, regionsOnSegment } from '../../src/index.ts';
import { datasetOf } from '../datasetOf.ts';

/**
 * The construction of Montúfar et al. 2014, section 3: for each of d inputs a layer of p ReLUs h_i = max(0, p x − i) whose alternating sum
 * h_0 − 2 h_1 + 2 h_2 − … folds [0, 1] p times onto itself. L layers of d p units have p^(L d) regions in the unit cube.
 */
function folding({ p, layers, d }: { p: number; layers: number; d: number }): Network {
  const units = d * p;
  const all: Layer[] = [];
  for (let layer = 0; layer < layers; layer++) {
    const width = layer === 0 ? d : units;
    const weight = new Float64Array(units * width);
    const bias = new Float64Array(units);
    for (let axis = 0; axis < d; axis++) {
      for (let i = 0; i < p; i++) {
        const unit = axis * p + i;
        bias[unit] = -i;
        if (layer === 0) weight[unit * width + axis] = p;
        else for (let j = 0; j < p; j++) weight[unit * width + axis * p + j] = p * fold(j);
      }
    }
    all.push(dense({ weight: { shape: [units, width], data: weight }, bias }), relu());
  }
  const sum = Float64Array.from({ length: units }, (_, unit) => fold(unit % p));
  return {
    name: 'folding',
    inputShape: [d],
    layers: [...all, dense({ weight: { shape: [1, units], data: sum } })],
  };
}

/** The sign and size of the j-th unit in the alternating sum. */
function fold(j: number): number {
  return j === 0 ? 1 : 2 * (-1) ** j;
}

describe('linear regions', () => {
  it.each([
    { p: 2, layers: 1 },
    { p: 2, layers: 6 },
    { p: 3, layers: 4 },
    { p: 5, layers: 3 },
  ])(
    'of $layers layers that fold $p times each are p to the power of L on a segment',
    async ({ p, layers }) => {
      const network = await cpuBackend().load(folding({ p, layers, d: 1 }));
      // No midpoint lies on a boundary.
      const ends = [Float64Array.of(0.000137), Float64Array.of(0.999971)] as const;
      expect(await regionsOnSegment(network, ends)).toBe(p ** layers);
    },
  );

  it.each([
    { p: 2, layers: 2 },
    { p: 2, layers: 4 },
    { p: 3, layers: 2 },
  ])(
    'of $layers layers that fold both axes $p times are p to the power of 2 L on the square',
    async ({ p, layers }) => {
      const network = await cpuBackend().load(folding({ p, layers, d: 2 }));
      const at = (x: number, y: number) => Float64Array.of(x, y);
      const low = 0.000137;
      const high = 0.999971;
      expect(await regionsOnPlane(network, [at(low, low), at(high, low), at(low, high)])).toBe(
        p ** (2 * layers),
      );
      // On the diagonal both axes fold at once.
      expect(await regionsOnSegment(network, [at(low, low), at(high, high)])).toBe(p ** layers);
    },
  );

  it('of an affine map are one', async () => {
    const weight = { shape: [1, 2], data: Float64Array.of(1, 2) };
    const network = await cpuBackend().load({ name: 'affine', inputShape: [2], layers: [dense({ weight })] });
    expect(await regionsOnSegment(network, [Float64Array.of(0, 0), Float64Array.of(1, 1)])).toBe(1);
  });

  it('are none of a curved network', async () => {
    const weight = { shape: [1, 2], data: Float64Array.of(1, 2) };
    const layers = [dense({ weight }), tanh()];
    const network = await cpuBackend().load({ name: 'curved', inputShape: [2], layers });
    const run = regionsOnSegment(network, [Float64Array.of(0, 0), Float64Array.of(1, 1)]);
    await expect(run).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringContaining('curved: expected a piecewise linear network') as string,
    });
  });

  it('are counted between samples that a seed decides', async () => {
    const network = await cpuBackend().load(folding({ p: 2, layers: 3, d: 2 }));
    const data = datasetOf({
      rows: 5,
      columns: 2,
      data: Float64Array.of(0.01, 0.02, 0.93, 0.9, 0.5001, 0.1, 0.1, 0.8, 0.3, 0.66),
    });
    const valuesOf = async (seed: number) => {
      const metrics = [linearRegions({ count: 2, seed }), planeRegions({ count: 1, seed, depth: 6 })];
      const found = (await analyze(network, data, { metrics })).metrics;
      return [found['linear-regions']!.value, found['plane-regions']!.value];
    };
    const first = await valuesOf(1);
    expect(await valuesOf(1)).toEqual(first);
    expect(first[0]).toBeGreaterThan(2);
    expect(first[1]).toBeGreaterThan(8);
  });
});
