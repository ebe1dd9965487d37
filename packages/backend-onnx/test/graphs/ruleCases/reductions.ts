import { ints } from '../../support/smallGraphs.ts';
import { double, of, one, type RuleCase } from './ruleCase.ts';

/** Reductions. */
export const reductionsCases: Readonly<Record<string, RuleCase>> = {
  ReduceSum: one(of('ReduceSum', { keepdims: { int: 0 } }), [[2, 3, 4]], { constants: { a: ints(0, -1) } }),
  'ReduceMean of all': one(of('ReduceMean', { keepdims: { int: 0 } }), [[2, 3]]),
  'ReduceMax with ties': one(of('ReduceMax'), [double([2, 3], [1, 3, 3, 2, 2, 2])], {
    isKink: true,
    constants: { a: ints(1) },
  }),
  ReduceMin: one(of('ReduceMin', { keepdims: { int: 0 } }), [[2, 3]], { constants: { a: ints(0) } }),
  ReduceL1: one(of('ReduceL1'), [[2, 3]], { constants: { a: ints(1) } }),
  ReduceL2: one(of('ReduceL2'), [[2, 3]], { constants: { a: ints(1) } }),
  'ReduceL2 at 0': one(of('ReduceL2'), [double([1, 1], [0])], { isKink: true, constants: { a: ints(1) } }),
  ReduceSumSquare: one(of('ReduceSumSquare', { keepdims: { int: 0 } }), [[2, 3]]),
  ReduceLogSumExp: one(of('ReduceLogSumExp'), [[2, 3]], { constants: { a: ints(1) } }),
};
