/** An array as `count` arrays of the same length, one after the other: the samples of a batch, say. They share its memory. */
export function parts(values: Float64Array, count: number): readonly Float64Array[] {
  const size = values.length / count;
  return Array.from({ length: count }, (_, i) => values.subarray(i * size, (i + 1) * size));
}

/** Arrays of one length, one after the other. */
export function joined(arrays: readonly Float64Array[]): Float64Array {
  const size = arrays[0]?.length ?? 0;
  const values = new Float64Array(size * arrays.length);
  for (const [i, array] of arrays.entries()) values.set(array, i * size);
  return values;
}
