import { expect, it } from 'vitest';
import { areOrdered } from '../../src/analysis/picture.ts';

it.each([
  [['epoch-1.onnx', 'epoch-5.onnx', 'epoch-10.onnx'], true],
  [['relu-1x240.onnx', 'relu-2x240.onnx', 'relu-3x240.onnx'], true],
  [['net-0.1.onnx', 'net-0.25.onnx', 'net-1.onnx'], true],
  [['relu-1x240.onnx', 'relu-2x120.onnx', 'relu-3x80.onnx'], false],
  [['epoch-10.onnx', 'epoch-5.onnx', 'epoch-1.onnx'], false],
  [['a.onnx', 'b.onnx', 'c.onnx'], false],
  [['1.onnx', '2.onnx'], false],
])('whether %j have an order: %s', (names, expected) => {
  expect(areOrdered(names)).toBe(expected);
});
