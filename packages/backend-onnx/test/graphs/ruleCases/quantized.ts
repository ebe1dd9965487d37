import { tensorOf } from '@edjm/onnx-autodiff';
import { node } from '../../support/smallGraphs.ts';
import { noise } from '../../support/vjpCheck.ts';
import { single, type RuleCase } from './ruleCase.ts';

const integers = (shape: readonly number[], seed: number) =>
  tensorOf(
    'int8',
    shape,
    noise(
      shape.reduce((product, size) => product * size, 1),
      seed,
    ).map((value) => Math.round(20 * value)),
  );

const scales = tensorOf('float32', [4], [0.1, 0.2, 0.3, 0.4]);

/** Weights that are stored as integers. */
export const quantizedCases: Readonly<Record<string, RuleCase>> = {
  'DequantizeLinear of weights': {
    variables: { x: [3, 4] },
    constants: { w: integers([3, 4], 2), s: scales, z: integers([4], 3) },
    // Behind a MatMul of such weights ONNX Runtime rounds the other factor to 8 bits.
    nodes: [node('DequantizeLinear', ['w', 's', 'z'], { outputs: ['d'] }), node('Mul', ['x', 'd'])],
    ...single,
  },
  'DequantizeLinear by scales that vary': {
    variables: { x: [2, 3], s: [4] },
    constants: { w: integers([3, 4], 2), z: integers([4], 3) },
    nodes: [node('DequantizeLinear', ['w', 's', 'z'], { outputs: ['d'] }), node('MatMul', ['x', 'd'])],
    ...single,
  },
  'DequantizeLinear of blocks by scales that vary': {
    variables: { s: [2, 3] },
    constants: { w: integers([4, 3], 2) },
    nodes: [
      node('DequantizeLinear', ['w', 's'], { attributes: { axis: { int: 0 }, block_size: { int: 2 } } }),
    ],
    opset: 21,
    ...single,
  },
  'DequantizeLinear by one scale that varies': {
    variables: { s: [] },
    constants: { w: integers([4], 2), z: tensorOf('int8', [], [3]) },
    nodes: [node('DequantizeLinear', ['w', 's', 'z'])],
    opset: 10,
    ...single,
  },
};
