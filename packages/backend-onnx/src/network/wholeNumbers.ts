import { EdjmError, type FloatArray } from '@edjm/core';
import type { NetworkGraph } from '@edjm/onnx-autodiff';

/** Whether an input takes numbers with a fraction; others take indices, tokens, truth values. */
function isReal(elementType: string): boolean {
  return elementType.startsWith('float') || elementType.startsWith('bfloat');
}

/** The columns of a batch that go into inputs of whole numbers. */
export function wholeColumns({ inputs }: NetworkGraph): readonly number[] {
  return inputs
    .filter(({ elementType }) => !isReal(elementType))
    .flatMap(({ offset, size }) => Array.from({ length: size }, (_, index) => offset + index));
}

/**
 * Refuses samples with fractions in the columns of indices, because the engine would cut the fractions off.
 *
 * @throws EdjmError `INVALID_DATA`.
 */
export function checkWhole(
  { name, inputs, sampleSize }: NetworkGraph,
  samples: FloatArray,
  whole: readonly number[],
): void {
  if (whole.length === 0) return;
  for (let start = 0; start < samples.length; start += sampleSize) {
    for (const column of whole) {
      const value = samples[start + column];
      if (Number.isSafeInteger(value)) continue;
      const input = inputs.find(({ offset, size }) => column >= offset && column < offset + size);
      throw new EdjmError(
        'INVALID_DATA',
        `${name}: expected whole numbers for the input "${input?.name ?? ''}" of type ${input?.elementType ?? ''}, got ${String(value)} in a sample. Give the data as it is (scale: 1, --scale 1).`,
      );
    }
  }
}
