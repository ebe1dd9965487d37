import { tensorOf } from '@edjm/onnx-autodiff';
import { ints, node } from '../../support/smallGraphs.ts';
import { double, of, one, positive, single, type RuleCase } from './ruleCase.ts';

const int = (value: number) => ({ int: value });
const bent = { ...single, isBent: true } as const;
const between = (...values: readonly number[]) => tensorOf('float32', [values.length], values);

/** Blocks of images, norms over windows, functions of single numbers. */
export const blocksCases: Readonly<Record<string, RuleCase>> = {
  'DepthToSpace, depth first': one(of('DepthToSpace', { blocksize: int(2) }), [[2, 8, 2, 3]]),
  'DepthToSpace, columns first': one(of('DepthToSpace', { blocksize: int(2), mode: { string: 'CRD' } }), [
    [1, 8, 2, 2],
  ]),
  'DepthToSpace, as it began': one(of('DepthToSpace', { blocksize: int(3) }), [[1, 9, 1, 2]], {
    opset: 10,
    ...single,
  }),
  SpaceToDepth: one(of('SpaceToDepth', { blocksize: int(2) }), [[2, 2, 4, 6]]),
  Col2Im: one(of('Col2Im'), [[2, 8, 9]], { constants: { s: ints(4, 4), b: ints(2, 2) }, ...single }),
  'Col2Im with everything': one(
    of('Col2Im', { strides: { ints: [2, 1] }, pads: { ints: [1, 0, 0, 1] }, dilations: { ints: [1, 2] } }),
    [[1, 12, 12]],
    { constants: { s: ints(5, 5), b: ints(2, 2) }, ...single },
  ),
  'CenterCropPad of odd rests': one(of('CenterCropPad'), [[4, 3, 5]], { constants: { s: ints(7, 6, 2) } }),
  'CenterCropPad of some axes': one(of('CenterCropPad', { axes: { ints: [-1, 0] } }), [[5, 3, 2]], {
    constants: { s: ints(3, 2) },
  }),
  LpPool: one(of('LpPool', { kernel_shape: { ints: [2, 2] } }), [[1, 2, 4, 4]], bent),
  'LpPool of tiles': one(
    of('LpPool', { kernel_shape: { ints: [2, 2] }, strides: { ints: [2, 2] } }),
    [[1, 2, 4, 4]],
    bent,
  ),
  'LpPool of sums': one(of('LpPool', { kernel_shape: { ints: [3] }, p: int(1) }), [[1, 1, 6]], bent),
  'LpPool of cubes, with padding and dilation': one(
    of('LpPool', {
      kernel_shape: { ints: [2, 3] },
      p: int(3),
      strides: { ints: [2, 1] },
      pads: { ints: [1, 1, 0, 1] },
      dilations: { ints: [2, 1] },
    }),
    [[1, 2, 5, 4]],
    bent,
  ),
  GlobalLpPool: one(of('GlobalLpPool'), [[2, 2, 3, 2]], bent),
  'GlobalLpPool of cubes': one(of('GlobalLpPool', { p: int(3) }), [[1, 2, 4]], bent),
  ReduceLogSum: one(of('ReduceLogSum', { keepdims: int(0) }), [positive(2, 3, 2)], {
    constants: { a: ints(-1, 0) },
  }),
  'ReduceLogSum with the axes as an attribute': one(
    of('ReduceLogSum', { axes: { ints: [1] } }),
    [positive(2, 3)],
    { opset: 13 },
  ),
  Shrink: one(of('Shrink'), [[12]], single),
  'Shrink with a bias': one(of('Shrink', { lambd: { float: 0.25 }, bias: { float: 0.125 } }), [[12]], single),
  'Mod like C': one(of('Mod', { fmod: int(1) }), [
    double([5], [2.3, -2.3, 2.3, -2.3, 7.1]),
    double([5], [0.7, 0.7, -0.7, -0.7, 2]),
  ]),
  'Mod of a repeated divisor': one(of('Mod', { fmod: int(1) }), [
    double([2, 2], [5.5, -1.25, 3.1, 0.2]),
    double([2], [2, 0.5]),
  ]),
  'Mod like Python, of real numbers': one(
    of('Mod'),
    [double([5], [2.3, -2.3, 2.3, -2.3, 7.1]), double([5], [0.7, 0.7, -0.7, -0.7, 2])],
    { engineLacks: 'it has that form for integers alone' },
  ),
  Tan: one(of('Tan'), [[8]], bent),
  Asin: one(of('Asin'), [between(-0.9, -0.5, 0, 0.3, 0.8)], bent),
  Acos: one(of('Acos'), [between(-0.9, -0.5, 0, 0.3, 0.8)], bent),
  Atan: one(of('Atan'), [between(-3, -0.5, 0, 0.3, 2)], bent),
  Sinh: one(of('Sinh'), [[8]], bent),
  Cosh: one(of('Cosh'), [[8]], bent),
  Asinh: one(of('Asinh'), [between(-3, -0.5, 0, 0.3, 2)], bent),
  Acosh: one(of('Acosh'), [between(1.2, 1.5, 2, 4)], bent),
  Atanh: one(of('Atanh'), [between(-0.8, -0.5, 0, 0.3, 0.7)], bent),
  'Truth values of numbers': {
    variables: { x: [4], z: [4] },
    nodes: [
      node('IsNaN', ['x'], { outputs: ['none'] }),
      node('IsInf', ['x'], { outputs: ['infinite'] }),
      node('Greater', ['x', 'z'], { outputs: ['greater'] }),
      node('Xor', ['none', 'greater'], { outputs: ['either'] }),
      node('Or', ['either', 'infinite'], { outputs: ['any'] }),
      node('Where', ['any', 'x', 'z']),
    ],
  },
};
