import { tensorOf } from '@edjm/onnx-autodiff';
import { ints, node } from '../../support/smallGraphs.ts';
import { of, one, type RuleCase } from './ruleCase.ts';

/** Picking, padding, scattering. */
export const indexingCases: Readonly<Record<string, RuleCase>> = {
  'Slice backwards': one(of('Slice'), [[2, 7]], {
    constants: { s: ints(6), e: ints(-100), a: ints(1), t: ints(-3) },
  }),
  'Slice in steps': one(of('Slice'), [[5, 7]], {
    constants: { s: ints(1, -6), e: ints(100, 100), a: ints(0, 1), t: ints(3, 2) },
  }),
  'Slice of nothing': one(of('Slice'), [[5]], { constants: { s: ints(3), e: ints(3) } }),
  'Pad, value too': {
    variables: { x: [2, 3], value: [] },
    constants: { p: ints(1, -1, 0, 2) },
    nodes: [node('Pad', ['x', 'p', 'value'])],
  },
  'Pad of the edge': one(of('Pad', { mode: { string: 'edge' } }), [[2, 3]], {
    constants: { p: ints(1, 2, 0, 1) },
  }),
  'Pad that reflects': one(of('Pad', { mode: { string: 'reflect' } }), [[3, 4]], {
    constants: { p: ints(1, 2, 0, 3) },
  }),
  'Pad that wraps': one(of('Pad', { mode: { string: 'wrap' } }), [[3, 4]], {
    constants: { p: ints(1, 2, 0, 3) },
    opset: 19,
  }),
  'Gather of repeated and negative places': one(of('Gather', { axis: { int: 1 } }), [[2, 4, 3]], {
    constants: { i: tensorOf('int64', [2, 2], [0, -1, 3, 0]) },
  }),
  'Gather of one place': one(of('Gather'), [[4]], { constants: { i: tensorOf('int64', [], [-2]) } }),
};
