import { tensorOf } from '@edjm/onnx-autodiff';
import { node } from '../../support/smallGraphs.ts';
import { of, one, single, type RuleCase } from './ruleCase.ts';

/** Pooling and resampling. */
export const windowsCases: Readonly<Record<string, RuleCase>> = {
  'MaxPool that overlaps': one(
    of('MaxPool', {
      kernel_shape: { ints: [3, 2] },
      strides: { ints: [2, 1] },
      pads: { ints: [1, 0, 1, 1] },
    }),
    [[2, 2, 6, 5]],
    single,
  ),
  'MaxPool that tiles': one(
    of('MaxPool', { kernel_shape: { ints: [2, 3] }, strides: { ints: [2, 3] } }),
    [[2, 2, 4, 6]],
    single,
  ),
  'Resize by whole factors': {
    variables: { x: [1, 2, 2, 3] },
    constants: { scales: tensorOf('float32', [4], [1, 1, 3, 2]) },
    nodes: [
      node('Resize', ['x', '', 'scales'], {
        attributes: {
          coordinate_transformation_mode: { string: 'asymmetric' },
          nearest_mode: { string: 'floor' },
        },
      }),
    ],
    ...single,
  },
  'MaxPool, dilated, with a rest': one(
    of('MaxPool', {
      kernel_shape: { ints: [2] },
      strides: { ints: [3] },
      dilations: { ints: [2] },
      ceil_mode: { int: 1 },
    }),
    [[2, 2, 9]],
    single,
  ),
  'AveragePool of padding that counts': one(
    of('AveragePool', {
      kernel_shape: { ints: [3, 3] },
      strides: { ints: [2, 2] },
      pads: { ints: [1, 1, 0, 1] },
      count_include_pad: { int: 1 },
    }),
    [[2, 2, 6, 5]],
    single,
  ),
  'AveragePool of padding that does not count, with a rest': one(
    of('AveragePool', {
      kernel_shape: { ints: [3] },
      strides: { ints: [2] },
      pads: { ints: [1, 1] },
      ceil_mode: { int: 1 },
    }),
    [[2, 2, 6]],
    single,
  ),
  GlobalAveragePool: one(of('GlobalAveragePool'), [[2, 3, 4, 5]], single),
  GlobalMaxPool: one(of('GlobalMaxPool'), [[2, 3, 4, 5]], single),
};
