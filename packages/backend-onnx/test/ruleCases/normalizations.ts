import { node } from '../smallGraphs.ts';
import { of, one, positive, single, type RuleCase } from './ruleCase.ts';

/** Normalisations. */
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
};
