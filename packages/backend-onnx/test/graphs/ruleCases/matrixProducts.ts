import { of, one, type RuleCase } from './ruleCase.ts';

/** Matrix products. */
export const matrixProductsCases: Readonly<Record<string, RuleCase>> = {
  'MatMul of batches': one(of('MatMul'), [
    [2, 1, 3, 4],
    [5, 4, 2],
  ]),
  'MatMul of a row': one(of('MatMul'), [[4], [2, 4, 3]]),
  'MatMul of a column': one(of('MatMul'), [[2, 3, 4], [4]]),
  'MatMul of vectors': one(of('MatMul'), [[4], [4]]),
  Gemm: one(of('Gemm', { alpha: { float: 0.5 }, beta: { float: 2 } }), [[2, 3], [3, 4], [4]]),
  'Gemm of transposes': one(of('Gemm', { transA: { int: 1 }, transB: { int: 1 } }), [
    [3, 2],
    [4, 3],
    [2, 1],
  ]),
};
