import { tensorOf } from '@edjm/onnx-autodiff';
import { noise } from '../../support/vjpCheck.ts';
import { of, one, single, type RuleCase } from './ruleCase.ts';

/** Convolutions and their transposes. */
export const convolutionsCases: Readonly<Record<string, RuleCase>> = {
  'Conv of stride 2': one(
    of('Conv', { strides: { ints: [2, 1] }, pads: { ints: [1, 0, 2, 1] } }),
    [[2, 2, 6, 5], [3, 2, 3, 2], [3]],
    single,
  ),
  'Conv of 2 groups, dilated, windows that leave a rest': one(
    of('Conv', { group: { int: 2 }, dilations: { ints: [2, 1] }, strides: { ints: [2, 3] } }),
    [[2, 4, 8, 6], [6, 2, 3, 2], [6]],
    single,
  ),
  'Conv on a line': one(
    of('Conv', { auto_pad: { string: 'SAME_LOWER' } }),
    [
      [2, 2, 7],
      [3, 2, 4],
    ],
    single,
  ),
  'Conv in space': one(
    of('Conv', { pads: { ints: [1, 0, 0, 0, 1, 0] } }),
    [
      [1, 2, 3, 4, 3],
      [2, 2, 2, 2, 2],
    ],
    single,
  ),
  'Conv of constant weights, flipped': one(
    of('Conv', { pads: { ints: [1, 2, 0, 1] }, dilations: { ints: [1, 2] } }),
    [[2, 8, 5, 6]],
    {
      ...single,
      constants: { w: tensorOf('float32', [4, 8, 3, 3], noise(288, 3)) },
    },
  ),
  'Conv of constant weights in groups, flipped': one(
    of('Conv', { group: { int: 4 }, pads: { ints: [1, 1] } }),
    [[2, 8, 7]],
    {
      ...single,
      constants: { w: tensorOf('float32', [12, 2, 3], noise(72, 3)) },
    },
  ),
  ConvTranspose: one(
    of('ConvTranspose', {
      strides: { ints: [2, 3] },
      output_padding: { ints: [1, 0] },
      pads: { ints: [1, 0, 0, 1] },
    }),
    [[2, 2, 3, 4], [2, 3, 3, 2], [3]],
    single,
  ),
  'ConvTranspose of 2 groups, dilated': one(
    of('ConvTranspose', { group: { int: 2 }, dilations: { ints: [2] }, strides: { ints: [2] } }),
    [[2, 4, 5], [4, 3, 3], [6]],
    single,
  ),
  'ConvTranspose of the same size': one(
    of('ConvTranspose', { auto_pad: { string: 'SAME_UPPER' }, strides: { ints: [2] } }),
    [
      [1, 2, 4],
      [2, 2, 3],
    ],
    single,
  ),
  'ConvTranspose of a given size': one(
    of('ConvTranspose', { output_shape: { ints: [8] }, strides: { ints: [2] } }),
    [
      [1, 2, 4],
      [2, 2, 3],
    ],
    single,
  ),
};
