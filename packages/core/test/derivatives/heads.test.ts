import { describe, expect, it } from 'vitest';
import { type Head, jacobianRows, type OutputKind, softmaxGroups, withOutputKind } from '../../src/index.ts';
import { fakeNetwork, linear } from '../fakeNetworks.ts';

/** Logits that are the inputs themselves: rows of a Jacobian are those of the head. */
function identity(size: number, head?: Head) {
  const unit = Array.from({ length: size }, (_, i) =>
    Array.from({ length: size }, (_, j) => Number(i === j)),
  );
  return fakeNetwork(linear(unit), { ...(head && { head }), paths: ['jacobian'] });
}

/** The Jacobian of a head at given logits, by `jacobian` for all outputs, and by `vjp` for each alone. */
async function jacobians(z: readonly number[], kind: OutputKind, head?: Head) {
  const network = withOutputKind(identity(z.length, head), kind);
  const batch = { rows: 1, columns: z.length, data: Float64Array.from(z) };
  const together = await jacobianRows(network, batch, [...z.keys()]);
  const alone: number[][] = [];
  for (const k of z.keys()) {
    const data = Float64Array.from(z, (_, i) => Number(i === k));
    alone.push(Array.from((await network.vjp(batch, { ...batch, data })).data));
  }
  return [together.map(({ data }) => Array.from(data)), alone];
}

function expectClose(found: readonly (readonly number[])[], expected: readonly (readonly number[])[]): void {
  for (const [k, row] of expected.entries()) {
    for (const [i, value] of row.entries()) {
      expect(Math.abs(found[k]![i]! - value)).toBeLessThanOrEqual(1e-14 * Math.abs(value));
    }
  }
}

const softmax = (size: number, stride = 1): Head => ({ kind: 'softmax', groups: { size, stride } });
const sigmoid: Head = { kind: 'sigmoid' };

describe.each([0.5, 4, 16, 20, 40, 100, 300])('a gap of %d between logits', (gap) => {
  // p = 1 / (1 + e^−g) and q = 1 − p = e^−g / (1 + e^−g), each to its last digit.
  const small = Math.exp(-gap);
  const [p, q] = [1 / (1 + small), small / (1 + small)];

  it('keeps the digits of a softmax of two', async () => {
    for (const found of await jacobians([gap, 0], 'probability', softmax(2))) {
      expectClose(found, [
        [p * q, -p * q],
        [-p * q, p * q],
      ]);
    }
  });

  it('keeps the digits of a log-softmax of two', async () => {
    for (const found of await jacobians([gap, 0], 'log-probability', softmax(2))) {
      expectClose(found, [
        [q, -q],
        [-p, p],
      ]);
    }
  });

  it('keeps the digits of a softmax of three', async () => {
    // z = (g, 0, −1): the two smaller ones are a and b.
    const sum = 1 + small + Math.exp(-gap - 1);
    const [top, a, b] = [1 / sum, small / sum, Math.exp(-gap - 1) / sum];
    for (const found of await jacobians([gap, 0, -1], 'probability', softmax(3))) {
      expectClose(found, [
        [top * (a + b), -top * a, -top * b],
        [-a * top, a * (top + b), -a * b],
        [-b * top, -b * a, b * (top + a)],
      ]);
    }
  });

  it.each([1, -1])('keeps the digits of a sigmoid, sign %d', async (sign) => {
    for (const found of await jacobians([sign * gap], 'probability', sigmoid)) expectClose(found, [[p * q]]);
    for (const found of await jacobians([sign * gap], 'log-probability', sigmoid)) {
      expectClose(found, [[sign > 0 ? q : p]]);
    }
  });
});

describe('a head', () => {
  it('is followed by probabilities: a softmax in its own groups', async () => {
    // [2, 3] with the softmax over the first axis.
    const [found] = await jacobians([1, 2, 3, 1, 2, 3], 'probability', softmax(2, 3));
    for (const k of [0, 1, 2]) {
      expect(found![k]![k]).toBeCloseTo(0.25, 15);
      expect(found![k]![k + 3]).toBeCloseTo(-0.25, 15);
      expect(found![k]!.filter((value) => value !== 0)).toHaveLength(2);
    }
  });

  it('is the sigmoid of one output, and the softmax of several, if there is none', async () => {
    const [one] = await jacobians([0], 'probability');
    expect(one).toEqual([[0.25]]);
    const [two] = await jacobians([0, 0], 'probability');
    expect(two).toEqual([
      [0.25, -0.25],
      [-0.25, 0.25],
    ]);
  });

  it('has values without overflow', async () => {
    const network = withOutputKind(identity(2, sigmoid), 'log-probability');
    const { data } = await network.forward({ rows: 1, columns: 2, data: Float64Array.of(800, -800) });
    expect(Array.from(data)).toEqual([0, -800]);
  });

  it.each<[Head['kind'], OutputKind]>([
    ['softmax', 'probability'],
    ['log-softmax', 'log-probability'],
    ['sigmoid', 'probability'],
    ['log-sigmoid', 'log-probability'],
    ['none', 'logit'],
  ])('that is a %s is as the file has it as %s', (kind, expected) => {
    const network = identity(3, { kind, groups: { size: 3, stride: 1 } });
    expect(withOutputKind(network, 'as-is').outputKind).toBe(expected);
  });

  it('that is as it is has no logits, and is reported so', () => {
    const head = { kind: 'as-is', at: 'Softmax', reason: 'Clip changes the values of Softmax' } as const;
    const network = fakeNetwork(linear([[1]]), { outputKind: 'as-is', head });
    expect(withOutputKind(network, 'logit')).toBe(network);
    expect(withOutputKind(network, 'as-is')).toBe(network);
    expect(() => withOutputKind(network, 'probability')).toThrow(
      /no logits, as Clip changes the values of Softmax\. Analyze them as they are/,
    );
  });

  it('is refused if the axis of its softmax is not clear', () => {
    expect(() => withOutputKind(identity(4, { kind: 'none' }), 'probability')).toThrow(
      /outputs on several axes without a softmax\. End the network in a softmax along the axis/,
    );
  });

  it('is refused if it normalizes single values', () => {
    expect(() => withOutputKind(identity(1, softmax(1)), 'probability')).toThrow(
      /over one, which is 1 for every input/,
    );
  });
});

describe('softmaxGroups', () => {
  it.each([
    { of: 'the last axis', shape: [2, 4, 3], axis: 2, groups: { size: 3, stride: 1 } },
    { of: 'channels', shape: [2, 3, 4, 5], axis: 1, groups: { size: 3, stride: 20 } },
    {
      of: 'channels that become the last axis',
      shape: [2, 3, 4, 5],
      axis: 1,
      perm: [0, 2, 3, 1],
      groups: { size: 3, stride: 1 },
    },
    {
      of: 'samples that come first later',
      shape: [5, 2, 3],
      axis: 2,
      perm: [1, 0, 2],
      groups: { size: 3, stride: 1 },
    },
    { of: 'samples among the normalized values', shape: [2, 3], axis: 0, groups: undefined },
    { of: 'single values', shape: [2, 1], axis: 1, groups: { size: 1, stride: 1 } },
  ])('finds those of $of', ({ shape, axis, perm, groups }) => {
    const transpositions = perm === undefined ? [] : [{ shape, perm }];
    expect(softmaxGroups({ shape, axis, transpositions, n: 2 })).toEqual(groups);
  });

  it('finds none in an axis whose values are mixed with those of others', () => {
    const transpositions = [{ shape: [2, 2, 3, 2], perm: [0, 2, 1, 3] }];
    expect(softmaxGroups({ shape: [2, 4, 3], axis: 1, transpositions, n: 2 })).toBeUndefined();
  });
});
