import { ints, node } from '../../support/smallGraphs.ts';
import { of, one, type RuleCase } from './ruleCase.ts';

/** Rearranging and repeating. */
export const shapesCases: Readonly<Record<string, RuleCase>> = {
  Identity: one(of('Identity'), [[3]]),
  Dropout: one(of('Dropout'), [[3]]),
  Reshape: one(of('Reshape'), [[2, 3, 4]], { constants: { s: ints(0, -1) } }),
  'Flatten to a row': one(of('Flatten', { axis: { int: 0 } }), [[2, 3]]),
  Squeeze: one(of('Squeeze'), [[1, 3, 1]], { constants: { a: ints(-1) } }),
  Unsqueeze: one(of('Unsqueeze'), [[3]], { constants: { a: ints(0, -1) } }),
  Transpose: one(of('Transpose', { perm: { ints: [2, 0, 1] } }), [[2, 3, 4]]),
  'Transpose of all axes': one(of('Transpose'), [[2, 3, 4]]),
  'Concat of one input twice': {
    variables: { x: [2, 3] },
    nodes: [node('Concat', ['x', 'x'], { attributes: { axis: { int: -1 } } })],
  },
  'Split of which one part counts': {
    variables: { x: [2, 6] },
    nodes: [
      node('Split', ['x'], { outputs: ['a', 'b', 'c'], attributes: { axis: { int: 1 } } }),
      node('Neg', ['b']),
    ],
    opset: 13,
  },
  Expand: one(of('Expand'), [[3, 1]], { constants: { s: ints(2, 1, 4) } }),
  Tile: one(of('Tile'), [[2, 3]], { constants: { r: ints(2, 3) } }),
};
