import type { DenseMatrix } from '@edjm/core';

/** The rows of all outputs for one sample: J(x), K × d_in, as views. */
export function jacobianAt(blocks: readonly DenseMatrix[], sample: number): DenseMatrix['data'][] {
  return blocks.map(({ columns, data }) => data.subarray(sample * columns, (sample + 1) * columns));
}

/** ⟨a, b⟩. */
export function innerProduct(a: DenseMatrix['data'], b: DenseMatrix['data']): number {
  let sum = 0;
  for (let j = 0; j < a.length; j++) sum += (a[j] as number) * (b[j] as number);
  return sum;
}
