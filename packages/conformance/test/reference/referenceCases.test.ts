import { inferShapes, valueCount } from '@edjm/network';
import { describe, expect, it } from 'vitest';
import { goldenValues } from '../../src/reference/golden.ts';
import { referenceCases } from '../../src/index.ts';

describe('referenceCases', () => {
  it('have names of their own', () => {
    const names = referenceCases().map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  it('are the same every time', () => {
    expect(referenceCases()).toEqual(referenceCases());
  });

  it('hold every type of layer', () => {
    const types = referenceCases().flatMap(({ network }) => network.layers.map(({ type }) => type));
    expect([...new Set(types)].sort()).toEqual([
      'averagePool2d',
      'batchNorm',
      'celu',
      'conv2d',
      'dense',
      'elu',
      'flatten',
      'gelu',
      'globalAveragePool2d',
      'globalMaxPool2d',
      'leakyRelu',
      'logSoftmax',
      'maxPool2d',
      'relu',
      'residual',
      'scale',
      'selu',
      'sigmoid',
      'softmax',
      'softplus',
      'tanh',
    ]);
  });

  it.each(referenceCases())('$name: golden values of the right shapes', (reference) => {
    const { network, batch } = reference;
    const dOut = valueCount(inferShapes(network).at(-1)!);
    const { outputs, jacobians } = goldenValues(reference);
    expect([outputs.rows, outputs.columns]).toEqual([batch.rows, dOut]);
    expect(jacobians.map(({ rows, columns }) => [rows, columns])).toEqual(
      Array.from({ length: dOut }, () => [batch.rows, batch.columns]),
    );
  });
});
