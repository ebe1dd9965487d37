import type { DenseMatrix } from '@edjm/core';
import golden from '../generated/golden.json' with { type: 'json' };
import type { ReferenceCase } from './referenceCases.ts';

/** The results of the float64 oracle for a reference case. */
export interface GoldenValues {
  /** f(x_i): n × d_out. */
  readonly outputs: DenseMatrix;
  /** For each output k the n × d_in matrix with rows ∂f_k(x_i)/∂x. */
  readonly jacobians: readonly DenseMatrix[];
}

/**
 * The numbers of the file: made by the float64 backend, which its own tests check against central differences, and
 * rounded to ten digits. `packages/backend-cpu/test/golden.test.ts` writes and checks it.
 */
const byName: Readonly<Record<string, { outputs: number[]; jacobians: number[][] }>> = golden;

/** The oracle's values for a case. */
export function goldenValues({ name, batch }: ReferenceCase): GoldenValues {
  const stored = byName[name];
  if (!stored)
    throw new Error(
      `expected golden values for '${name}', got none. Update the snapshots of backend-cpu's tests.`,
    );
  const matrix = (values: number[]): DenseMatrix => ({
    rows: batch.rows,
    columns: values.length / batch.rows,
    data: Float64Array.from(values),
  });
  return { outputs: matrix(stored.outputs), jacobians: stored.jacobians.map(matrix) };
}
