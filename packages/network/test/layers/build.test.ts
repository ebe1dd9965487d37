import { describe, expect, it } from 'vitest';
import { averagePool2d, batchNorm, conv2d, maxPool2d, residual, type Tensor } from '../../src/index.ts';

const weight: Tensor = { shape: [1, 1, 1, 1], data: Float32Array.of(2) };

describe('layer builders', () => {
  it('fill in what is left out', () => {
    expect(conv2d({ weight })).toEqual({
      type: 'conv2d',
      weight,
      stride: [1, 1],
      padding: [0, 0, 0, 0],
      dilation: [1, 1],
      groups: 1,
    });
    expect(maxPool2d({ kernel: [2, 3] })).toEqual({
      type: 'maxPool2d',
      kernel: [2, 3],
      stride: [2, 3],
      padding: [0, 0, 0, 0],
    });
    expect(averagePool2d({ kernel: 2 })).toMatchObject({ kernel: [2, 2], countIncludePad: false });
    expect(residual([])).toEqual({ type: 'residual', body: [], shortcut: [] });
  });

  it('take one number for both axes and for all sides', () => {
    expect(conv2d({ weight, stride: 2, padding: 1, dilation: 3, groups: 1 })).toMatchObject({
      stride: [2, 2],
      padding: [1, 1, 1, 1],
      dilation: [3, 3],
    });
  });

  it('keep what is given', () => {
    const ones = Float64Array.of(1);
    const statistics = { scale: ones, bias: ones, mean: ones, variance: ones };
    expect(batchNorm(statistics)).toEqual({ type: 'batchNorm', ...statistics, epsilon: 1e-5 });
    expect(batchNorm({ ...statistics, epsilon: 0.1 })).toMatchObject({ epsilon: 0.1 });
    expect(conv2d({ weight, padding: [1, 2, 3, 4] })).toMatchObject({ padding: [1, 2, 3, 4] });
  });
});
