import { node } from '../../support/smallGraphs.ts';
import { double, positive, type RuleCase } from './ruleCase.ts';

/** More than one node. */
export const graphsCases: Readonly<Record<string, RuleCase>> = {
  'an unused variable': { variables: { x: [2], unused: [3] }, nodes: [node('Neg', ['x'])] },
  'a tensor on two ways': {
    variables: { x: [2, 3] },
    nodes: [
      node('Tanh', ['x'], { outputs: ['t'] }),
      node('Exp', ['t'], { outputs: ['e'] }),
      node('Mul', ['e', 't'], { outputs: ['p'] }),
      node('Add', ['p', 'x']),
    ],
  },
  'a logarithm, times 1, bent': {
    variables: { x: positive(3) },
    constants: { one: double([], [1]) },
    nodes: [
      node('Log', ['x'], { outputs: ['l'] }),
      node('Mul', ['l', 'one'], { outputs: ['p'] }),
      node('Tanh', ['p']),
    ],
  },
};
