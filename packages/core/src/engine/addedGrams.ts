import type { BlockRows, DenseMatrix } from '@edjm/linalg';

/** Adds Gram matrices to the sums before them, in place; the first ones are copied, since their engine may overwrite them. */
export function addedGrams(
  sums: readonly BlockRows[] | undefined,
  grams: readonly BlockRows[],
): readonly BlockRows[] {
  if (sums === undefined) return grams.map((blocks) => blocks.map(copied));
  for (const [place, blocks] of sums.entries()) {
    for (const [index, { data }] of blocks.entries()) {
      const more = grams[place]?.[index]?.data;
      for (let at = 0; at < data.length; at++) data[at] = (data[at] as number) + (more?.[at] ?? 0);
    }
  }
  return sums;
}

function copied({ rows, columns, data }: DenseMatrix): DenseMatrix {
  return { rows, columns, data: Float64Array.from(data) };
}
