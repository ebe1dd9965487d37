import { describe, expect, it } from 'vitest';
import { jacobianRows, withOutputKind, type DenseMatrix } from '../../src/index.ts';
import { fakeNetwork, linear, randomSamples, twoLayerRelu } from '../fakeNetworks.ts';

const f = twoLayerRelu({ dIn: 6, hidden: 12, dOut: 4, seed: 11 });
const batch = randomSamples(9, 6, 12);
const outputs = [0, 1, 2, 3];
const kinds = ['probability', 'log-probability'] as const;

function copy({ rows, columns, data }: DenseMatrix): DenseMatrix {
  return { rows, columns, data: data.slice() };
}

function shifted(column: number, by: number): DenseMatrix {
  return { ...batch, data: batch.data.map((value, at) => (at % 6 === column ? value + by : value)) };
}

describe.each(kinds)('a network of %s outputs', (kind) => {
  it('describes itself', () => {
    const logits = fakeNetwork(f, { inputShape: [2, 3], preferredBatchSize: 3 });
    const network = withOutputKind(logits, kind);
    const { name, inputShape, sampleSize, dOut, precision, preferredBatchSize } = logits;
    expect(network).toMatchObject({
      ...{ name, inputShape, sampleSize, dOut, precision, preferredBatchSize },
      outputKind: kind,
    });
    expect(network.workspaceBytes(10, 2, 'rows')).toBeGreaterThan(logits.workspaceBytes(10, 2, 'rows'));
    expect(withOutputKind(network, kind)).toBe(network);
  });

  it('gives outputs that sum to one', async () => {
    const { data } = await withOutputKind(fakeNetwork(f), kind).forward(batch);
    const probabilities = kind === 'probability' ? data : data.map(Math.exp);
    for (let row = 0; row < 9; row++) {
      const sum = Array.from(probabilities.slice(4 * row, 4 * row + 4)).reduce((a, b) => a + b, 0);
      expect(sum).toBeCloseTo(1, 14);
    }
  });

  it('gives rows that agree with central differences', async () => {
    const network = withOutputKind(fakeNetwork(f), kind);
    const rows = await jacobianRows(network, batch, outputs);
    const step = 1e-6;
    for (let column = 0; column < 6; column++) {
      const above = copy(await network.forward(shifted(column, step)));
      const below = await network.forward(shifted(column, -step));
      for (let sample = 0; sample < 9; sample++) {
        for (const output of outputs) {
          const difference = above.data[4 * sample + output]! - below.data[4 * sample + output]!;
          const derivative = rows[output]!.data[6 * sample + column]!;
          expect(Math.abs(derivative - difference / (2 * step))).toBeLessThan(1e-8);
        }
      }
    }
  });

  it('takes cotangents of float32', async () => {
    const network = withOutputKind(fakeNetwork(f), kind);
    const wide = Float64Array.from({ length: 36 }, (_, at) => (at % 5) - 2);
    const expected = copy(await network.vjp(batch, { rows: 9, columns: 4, data: wide }));
    const found = await network.vjp(batch, { rows: 9, columns: 4, data: Float32Array.from(wide) });
    expect(found).toEqual(expected);
  });

  it('stays finite where exponentials do not', async () => {
    const steep = fakeNetwork(linear([[1e4], [-1e4], [0]]));
    const network = withOutputKind(steep, kind);
    const one = { rows: 2, columns: 1, data: Float64Array.of(1, -1) };
    const values = copy(await network.forward(one));
    const [rows] = await jacobianRows(network, one, [0]);
    expect(Array.from(values.data)).toEqual(
      kind === 'probability' ? [1, 0, 0, 0, 1, 0] : [0, -2e4, -1e4, -2e4, 0, -1e4],
    );
    // ∂ log p₀ is w₀ − w₀ where p₀ is one, and w₀ − w₁ where p₁ is.
    expect(Array.from(rows!.data)).toEqual(kind === 'probability' ? [0, 0] : [0, 2e4]);
  });

  it('is narrowed where its logits are', async () => {
    const logits = fakeNetwork(f);
    const matrix = { rows: 2, columns: 6, data: new Float64Array(12) };
    const behind = fakeNetwork(twoLayerRelu({ dIn: 2, hidden: 3, dOut: 4, seed: 1 }));
    const narrowed = (atMost = 2) => Promise.resolve(atMost < 2 ? undefined : { network: behind, matrix });
    const network = withOutputKind({ ...logits, narrowed }, kind);
    const found = await network.narrowed?.();
    expect(found?.matrix).toBe(matrix);
    expect(found?.network).toMatchObject({ outputKind: kind, dIn: 2, dOut: 4 });
    expect(await network.narrowed?.(1)).toBeUndefined();
    expect(await withOutputKind(logits, kind).narrowed?.()).toBeUndefined();
  });

  it('is not made from one that is neither logits nor of that kind', () => {
    const other = kind === 'probability' ? 'log-probability' : 'probability';
    expect(() => withOutputKind(fakeNetwork(f, { outputKind: other }), kind)).toThrow(
      expect.objectContaining({
        code: 'INVALID_ARGUMENT',
        message: `fake: expected a network of ${kind} outputs, got ${other} outputs. Load it with outputKind: '${kind}'.`,
      }) as Error,
    );
    expect(() => withOutputKind(fakeNetwork(f, { outputKind: kind }), 'logit')).toThrow(
      /expected a network of logit outputs/,
    );
  });

  it('disposes of the network that it is made of', async () => {
    const logits = fakeNetwork(f);
    {
      await using network = withOutputKind(logits, kind);
      await network.forward(batch);
    }
    expect(logits.calls).toEqual(['forward', 'dispose']);
  });
});

describe('withOutputKind', () => {
  it('leaves a network as it is where it has that kind', () => {
    const network = fakeNetwork(f);
    expect(withOutputKind(network, 'logit')).toBe(network);
  });

  it('gives rows of probabilities that sum to zero over the outputs', async () => {
    const rows = await jacobianRows(withOutputKind(fakeNetwork(f), 'probability'), batch, outputs);
    for (let at = 0; at < batch.data.length; at++) {
      const sum = rows.reduce((total, { data }) => total + data[at]!, 0);
      expect(Math.abs(sum)).toBeLessThan(1e-15);
    }
  });
});
