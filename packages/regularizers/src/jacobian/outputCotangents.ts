import type { RegularizerContext } from '@edjm/core';
import type { DenseMatrix } from '@edjm/linalg';

/** For each output k the cotangents whose rows are the EDJM of output k: n times the unit vector e_k. */
export function outputCotangents(
  { n, dOut }: RegularizerContext,
  outputs: readonly number[],
): readonly DenseMatrix[] {
  return outputs.map((output) => {
    const data = new Float64Array(n * dOut);
    for (let i = 0; i < n; i++) data[i * dOut + output] = 1;
    return { rows: n, columns: dOut, data };
  });
}
