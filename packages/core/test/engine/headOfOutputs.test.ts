import { describe, expect, it } from 'vitest';
import { headOfOutputs } from '../../src/index.ts';

const logits = [
  [1, 2, 3, -1],
  [0.5, -2, 4, 0],
  [-3, 1, 1, 2],
];
const softmax = (z: readonly number[]): number[] => {
  const powers = z.map(Math.exp);
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
};
const float32 = (samples: readonly (readonly number[])[]) =>
  samples.map((values) => Float32Array.from(values));

describe('headOfOutputs', () => {
  it('tells probabilities, and their logarithms, by their sums', () => {
    expect(headOfOutputs(float32(logits.map(softmax)))).toEqual({
      kind: 'as-is',
      reason: 'the outputs of every sample add up to one',
    });
    expect(headOfOutputs(float32(logits.map((z) => softmax(z).map(Math.log))))?.kind).toBe('as-is');
    // Two softmaxes side by side.
    expect(
      headOfOutputs(float32(logits.map((z) => [...softmax(z.slice(0, 2)), ...softmax(z.slice(2))])))?.kind,
    ).toBe('as-is');
  });

  it('leaves alone what only looks a little like them', () => {
    expect(headOfOutputs(float32(logits))).toBeUndefined();
    expect(
      headOfOutputs(float32(logits.map((z) => z.map((value) => 1 / (1 + Math.exp(-value)))))),
    ).toBeUndefined();
    expect(headOfOutputs(float32(logits.map((z) => [Math.tanh(z[0]!) / 2 + 0.5])))).toBeUndefined();
    expect(headOfOutputs(float32(logits.map((z) => [...softmax(z).slice(0, 3), 0.3])))).toBeUndefined();
  });

  it('needs three different samples with finite outputs', () => {
    const [one = []] = logits.map(softmax);
    expect(headOfOutputs(float32([one, one, one]))).toBeUndefined();
    expect(headOfOutputs([])).toBeUndefined();
    expect(headOfOutputs(float32([one, [NaN, 0, 0, 1], [Infinity, 0, 0, 0]]))).toBeUndefined();
  });
});
