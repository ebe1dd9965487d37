import { expect, it } from 'vitest';
import { batchNorm, conv2d, dense, parameterCount, relu, residual, type Tensor } from '../../src/index.ts';

function zeros(...shape: number[]): Tensor {
  return { shape, data: new Float32Array(shape.reduce((a, b) => a * b)) };
}

it('counts weights, biases, scales, and what is inside residual layers', () => {
  const four = new Float32Array(4);
  const layers = [
    conv2d({ weight: zeros(4, 1, 3, 3), bias: four }),
    batchNorm({ scale: four, bias: four, mean: four, variance: four }),
    relu(),
    residual([dense({ weight: zeros(5, 6) })], [dense({ weight: zeros(5, 6), bias: new Float32Array(5) })]),
  ];
  expect(parameterCount({ layers })).toBe(36 + 4 + 8 + 30 + 35);
});
