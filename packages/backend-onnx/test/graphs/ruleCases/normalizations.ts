import { ints, node } from '../../support/smallGraphs.ts';
import { double, of, one, positive, single, type RuleCase } from './ruleCase.ts';

/** Normalizations. */
export const normalizationsCases: Readonly<Record<string, RuleCase>> = {
  BatchNormalization: one(of('BatchNormalization', { epsilon: { float: 0.01 } }), [
    [2, 3, 4],
    [3],
    [3],
    [3],
    positive(3),
  ]),
  'BatchNormalization of rows': one(of('BatchNormalization'), [[4, 3], [3], [3], [3], positive(3)]),
  LayerNormalization: one(of('LayerNormalization', { axis: { int: 1 }, epsilon: { float: 0.01 } }), [
    [2, 3, 4],
    [3, 4],
    [3, 4],
  ]),
  'LayerNormalization of a scale that is repeated': one(of('LayerNormalization', { axis: { int: -2 } }), [
    [2, 3, 4],
    [4],
  ]),
  'LayerNormalization with its statistics': {
    variables: { x: [2, 3], s: [3] },
    nodes: [
      node('LayerNormalization', ['x', 's'], { outputs: ['n', 'mean', 'inverse'] }),
      node('Sum', ['n', 'mean', 'inverse']),
    ],
  },
  InstanceNormalization: one(
    of('InstanceNormalization', { epsilon: { float: 0.01 } }),
    [[2, 3, 4], [3], [3]],
    { ...single, isBent: true },
  ),
  LpNormalization: one(of('LpNormalization', { axis: { int: 1 } }), [[2, 3, 4]]),
  'LpNormalization by the sum': one(of('LpNormalization', { p: { int: 1 } }), [[2, 3]], { opset: 22 }),
  'LpNormalization of a vector of zeros': {
    variables: { x: [2, 3] },
    constants: { zeros: double([1, 3], [0, 0, 0]) },
    nodes: [
      node('Concat', ['x', 'zeros'], { outputs: ['all'], attributes: { axis: { int: 0 } } }),
      node('LpNormalization', ['all']),
    ],
  },
  LRN: one(of('LRN', { size: { int: 3 } }), [[2, 5, 2, 2]]),
  'LRN of an even number of channels, with strong weights': {
    variables: { x: [1, 7, 2, 2] },
    constants: {
      alpha: double([], [2]),
      beta: double([], [0.5]),
      bias: double([], [1.5]),
      flat: ints(1, 1, 7, 4),
      shape: ints(1, 7, 2, 2),
    },
    nodes: [
      node('LRN', ['x'], {
        attributes: { size: { int: 4 }, alpha: { float: 2 }, beta: { float: 0.5 }, bias: { float: 1.5 } },
      }),
    ],
    engineLacks: 'it takes odd numbers of channels alone',
    instead: [
      node('Mul', ['x', 'x'], { outputs: ['squares'] }),
      node('Reshape', ['squares', 'flat'], { outputs: ['column'] }),
      node('AveragePool', ['column'], {
        outputs: ['mean'],
        attributes: {
          kernel_shape: { ints: [4, 1] },
          pads: { ints: [1, 0, 2, 0] },
          count_include_pad: { int: 1 },
        },
      }),
      node('Reshape', ['mean', 'shape'], { outputs: ['means'] }),
      node('Mul', ['means', 'alpha'], { outputs: ['weighted'] }),
      node('Add', ['weighted', 'bias'], { outputs: ['response'] }),
      node('Pow', ['response', 'beta'], { outputs: ['divisor'] }),
      node('Div', ['x', 'divisor']),
    ],
  },
  'LRN of more channels than there are': one(of('LRN', { size: { int: 9 }, alpha: { float: 3 } }), [
    [2, 3, 1, 2],
  ]),
  'LRN of one channel': one(of('LRN', { size: { int: 1 }, alpha: { float: 1 } }), [[1, 3, 2, 2]]),
  MeanVarianceNormalization: one(of('MeanVarianceNormalization'), [[2, 3, 2, 2]]),
  'MeanVarianceNormalization over other axes': one(
    of('MeanVarianceNormalization', { axes: { ints: [-1, 1] } }),
    [[2, 3, 4]],
  ),
  RMSNormalization: one(of('RMSNormalization', { epsilon: { float: 0.01 } }), [[2, 3, 4], [4]], {
    opset: 23,
  }),
  'RMSNormalization over more axes': one(
    of('RMSNormalization', { axis: { int: 1 } }),
    [
      [2, 3, 4],
      [3, 4],
    ],
    {
      opset: 23,
    },
  ),
  SimplifiedLayerNormalization: {
    variables: { x: [2, 3], s: [3] },
    nodes: [
      node('SimplifiedLayerNormalization', ['x', 's'], {
        outputs: ['n', 'inverse'],
        attributes: { axis: { int: -1 }, epsilon: { float: 0.01 } },
      }),
      node('Add', ['n', 'inverse']),
    ],
  },
  'SimplifiedLayerNormalization of com.microsoft': one(
    of('com.microsoft.SimplifiedLayerNormalization'),
    [[2, 3], [3]],
    {
      engineLacks: 'it has the operator in the standard domain alone',
      instead: [node('SimplifiedLayerNormalization', ['v0', 'v1'])],
    },
  ),
  'GroupNormalization of a scale for each channel': one(
    of('GroupNormalization', { num_groups: { int: 2 }, epsilon: { float: 0.01 } }),
    [[2, 4, 3, 2], [4], [4]],
    { opset: 21 },
  ),
  'GroupNormalization of a scale for each group': one(
    of('GroupNormalization', { num_groups: { int: 2 } }),
    [[2, 4, 3], [2], [2]],
    { opset: 18 },
  ),
  'GroupNormalization of a constant scale': one(
    of('GroupNormalization', { num_groups: { int: 3 } }),
    [[2, 3, 4]],
    {
      constants: { s: double([3], [1, 2, 3]), b: double([3], [0, 1, 0]) },
      opset: 21,
    },
  ),
};
