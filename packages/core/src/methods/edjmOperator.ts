import { type LinearOperator, multiply } from '@edjm/linalg';
import type { MethodRun } from '../contracts/spectrumMethod.ts';
import { jacobianOperator } from '../rows/jacobianOperator.ts';

/**
 * An operator for methods that need only products with the EDJM of an output. Its matrix has the singular values of the
 * EDJM, except for zeros. Each product is one pass over the data. The pass checks the data, can be canceled and reports its
 * progress.
 *
 * @throws As {@link jacobianOperator}.
 */
export function edjmOperator(output: number, run: MethodRun): LinearOperator {
  const { target, data, plan, signal, onRows } = run;
  const { network, narrowing, scale: inputScale } = target;
  const { batchSize, keptRows: keepRows } = plan;
  const rows = jacobianOperator(network, data, { output, batchSize, keepRows, inputScale, signal, onRows });
  if (narrowing === undefined) return rows;
  return {
    rows: rows.rows,
    columns: rows.columns,
    multiply: (z) => rows.multiply(multiply(narrowing.factor, z)),
    multiplyTransposed: async (x) =>
      multiply(narrowing.factor, await rows.multiplyTransposed(x), { transposeA: true }),
  };
}
