import { cpuBackend } from '@edjm/backend-cpu';
import { analyze, type DenseMatrix } from '@edjm/core';
import { dense, type Layer, type Network, relu } from '@edjm/network';
import { describe, expect, it } from 'vitest';
import { datasetOf } from '../datasetOf.ts';
import golden from '../golden/metrics.json' with { type: 'json' };
import {
  activationPatternCount,
  frobeniusSensitivity,
  jacobianCovariance,
  localLipschitz,
  pathNorm,
  rowCoherence,
  trajectoryLength,
} from '../../src/index.ts';

function matrix(rows: readonly (readonly number[])[]): DenseMatrix {
  return { rows: rows.length, columns: rows[0]!.length, data: Float64Array.from(rows.flat()) };
}

const samples = matrix(golden.samples);

const network: Network = {
  name: 'golden',
  inputShape: [samples.columns],
  layers: golden.weights.flatMap((weight, i): Layer[] => {
    const { rows, columns, data } = matrix(weight);
    const layer = dense({
      weight: { shape: [rows, columns], data },
      bias: Float64Array.from(golden.biases[i]!),
    });
    return i === golden.weights.length - 1 ? [layer] : [layer, relu()];
  }),
};

describe('metrics of a network, against PyTorch, NumPy and SciPy in float64', () => {
  it.each([5, 12])('agree in batches of %i', async (batchSize) => {
    const loaded = await cpuBackend().load(network);
    const { metrics } = await analyze(loaded, datasetOf(samples), {
      batchSize,
      metrics: [
        frobeniusSensitivity(),
        localLipschitz(),
        rowCoherence(),
        jacobianCovariance(),
        activationPatternCount(),
        pathNorm(),
      ],
    });
    for (const name of ['frobenius-sensitivity', 'local-lipschitz', 'jacob-cov', 'path-norm'] as const) {
      expect(metrics[name]!.value / golden[name], name).toBeCloseTo(1, 9);
    }
    expect(metrics['row-coherence']!.perOutput).toEqual(
      golden['row-coherence'].map((value) => expect.closeTo(value, 12) as number),
    );
    expect(metrics['activation-patterns']!.value).toBe(golden['activation-patterns']);
  });

  it('follows the arcs between samples', async () => {
    // With as many arcs as that the mean is close to that over all pairs; each is a golden one.
    const loaded = await cpuBackend().load(network);
    const lengths = Object.values(golden['trajectory-lengths']);
    for (const seed of [1, 2, 3]) {
      const { metrics } = await analyze(loaded, datasetOf(samples), {
        metrics: [trajectoryLength({ count: 1, seed })],
      });
      const { value } = metrics['trajectory-length']!;
      expect(Math.min(...lengths.map((length) => Math.abs(length - value)))).toBeLessThan(1e-9);
    }
  });

  it('has a path norm that rescaling of units does not change', async () => {
    const [first, act, second, ...rest] = network.layers as [Layer, Layer, Layer];
    if (first.type !== 'dense' || second.type !== 'dense') throw new Error('expected dense layers');
    const rescaled: Network = {
      ...network,
      layers: [
        {
          ...first,
          weight: { ...first.weight, data: first.weight.data.map((w) => 4 * w) },
          bias: first.bias!.map((b) => 4 * b),
        },
        act,
        { ...second, weight: { ...second.weight, data: second.weight.data.map((w) => w / 4) } },
        ...rest,
      ],
    };
    const loaded = await cpuBackend().load(rescaled);
    const { metrics } = await analyze(loaded, datasetOf(samples), { metrics: [pathNorm()] });
    expect(metrics['path-norm']!.value / golden['path-norm']).toBeCloseTo(1, 12);
  });

  it('has no path norm through a softmax', async () => {
    const loaded = await cpuBackend().load(
      { ...network, layers: [...network.layers, { type: 'softmax' }] },
      { outputKind: 'probability' },
    );
    const run = analyze(loaded, datasetOf(samples), { metrics: [pathNorm()] });
    await expect(run).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringContaining('logits') as string,
    });
  });
});
