import { tensorOf } from '@edjm/onnx-autodiff';
import { node } from '../../support/smallGraphs.ts';
import { double, of, one, positive, single, type RuleCase } from './ruleCase.ts';

/** Arithmetic, elementary functions, choices. */
export const arithmeticCases: Readonly<Record<string, RuleCase>> = {
  'Add of a scalar': one(of('Add'), [[2, 3], []]),
  'Sub that repeats both': one(of('Sub'), [
    [2, 1, 3],
    [4, 1],
  ]),
  'Mul of a tensor with itself': { variables: { v: [2, 3] }, nodes: [node('Mul', ['v', 'v'])] },
  'Div that repeats the divisor': one(of('Div'), [[2, 3], positive(3)]),
  'Pow, base and exponent': one(of('Pow'), [positive(2, 3), [3]]),
  'Pow at 0': one(of('Pow'), [double([3], [0, 0, -1])], { constants: { e: double([3], [2, 3, 2]) } }),
  'Pow of an exponent 0': one(of('Pow'), [double([3], [0, 1, -1])], { constants: { e: double([], [0]) } }),
  'Sum of three': one(of('Sum'), [[2, 3], [3], [2, 1]]),
  'Sum of one': one(of('Sum'), [[2, 3]]),
  'Mean of three': one(of('Mean'), [[2, 3], [3], [2, 1]]),
  'Max of three': one(of('Max'), [[2, 3], [3], [2, 1]]),
  'Min with ties': one(of('Min'), [double([3], [1, 2, 3]), double([3], [1, 3, 2])], { isKink: true }),
  Neg: one(of('Neg'), [[3]]),
  'Abs at 0': one(of('Abs'), [double([3], [-1, 0, 2])], { isKink: true }),
  Exp: one(of('Exp'), [[3]]),
  Log: one(of('Log'), [positive(3)]),
  Sqrt: one(of('Sqrt'), [positive(3)]),
  Reciprocal: one(of('Reciprocal'), [positive(3)]),
  Sin: one(of('Sin'), [[3]]),
  Cos: one(of('Cos'), [[3]]),
  Erf: one(of('Erf'), [[3]], { ...single, isBent: true }),
  Floor: one(of('Floor'), [[3]]),
  Ceil: one(of('Ceil'), [[3]]),
  Round: one(of('Round'), [positive(3)]),
  Sign: one(of('Sign'), [[3]]),
  'Clip, bounds too': one(of('Clip'), [[8], double([], [-0.25]), double([], [0.5])]),
  'Clip of low above high': one(of('Clip'), [[8], double([], [0.5]), double([], [-0.25])]),
  'Clip without low': {
    variables: { x: [8], high: double([], [0.25]) },
    nodes: [node('Clip', ['x', '', 'high'])],
  },
  'Where, both branches': {
    variables: { x: [2, 3], y: [3] },
    constants: { c: tensorOf('bool', [2, 1], [1, 0]) },
    nodes: [node('Where', ['c', 'x', 'y'], { outputs: ['z'] })],
    outputs: ['z'],
  },
  'Cast there and back': {
    variables: { x: [3] },
    nodes: [
      node('Cast', ['x'], { outputs: ['z'], attributes: { to: { int: 11 } } }),
      node('CastLike', ['z', 'x']),
    ],
  },
};
