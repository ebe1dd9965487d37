import { describe, expect, it } from 'vitest';
import { glorotUniform, inferShapes, multilayerPerceptron, parameterCount, tanh } from '../../src/index.ts';

const options = { dIn: 5, hidden: [4, 3], dOut: 2, seed: 9 };

describe('multilayerPerceptron', () => {
  it('puts an activation after every layer but the last', () => {
    const network = multilayerPerceptron({ ...options, activation: tanh() });
    expect(network.layers.map(({ type }) => type)).toEqual(['dense', 'tanh', 'dense', 'tanh', 'dense']);
    expect(inferShapes(network)).toEqual([[5], [4], [4], [3], [3], [2]]);
    expect(network.name).toBe('5-4-3-2');
  });

  it('is the same for the same options, and another for another seed', () => {
    expect(multilayerPerceptron(options)).toEqual(multilayerPerceptron(options));
    expect(multilayerPerceptron({ ...options, seed: 10 })).not.toEqual(multilayerPerceptron(options));
  });

  it('draws its weights by the initializer', () => {
    const he = multilayerPerceptron(options);
    expect(multilayerPerceptron({ ...options, initializer: glorotUniform })).not.toEqual(he);
  });

  it('is a linear map without hidden layers', () => {
    const network = multilayerPerceptron({ dIn: 5, hidden: [], dOut: 2 });
    expect(network.layers).toHaveLength(1);
    expect(parameterCount(network)).toBe(12);
  });

  it.each([{ dIn: 0 }, { hidden: [4, 2.5] }, { dOut: -1 }, { seed: 0.5 }])('refuses %j', (wrong) => {
    expect(() => multilayerPerceptron({ ...options, ...wrong })).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT' }) as Error,
    );
  });
});
