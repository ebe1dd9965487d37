import { allFinite } from '@edjm/linalg';
import { type DenseMatrix, EdjmError, type FloatArray, type ParameterValues } from '@edjm/core';
import { valueCount } from '@edjm/network';

/** What a matrix is, and how large it must be. */
interface Expected {
  readonly rows: number;
  readonly columns: number;
  /** For messages. */
  readonly what: string;
}

/** @throws EdjmError `SHAPE_MISMATCH` for a matrix of another shape, or without rows. */
export function checkMatrix(name: string, matrix: DenseMatrix, { rows, columns, what }: Expected): void {
  const { data } = matrix;
  if (rows > 0 && matrix.rows === rows && matrix.columns === columns && data.length === rows * columns)
    return;
  throw new EdjmError(
    'SHAPE_MISMATCH',
    `${name}: expected ${what} of ${rows || 'some'} × ${columns} values, got ${matrix.rows} × ${matrix.columns} in an array of ${data.length}. Give one row for each sample of the batch.`,
  );
}

/** @throws EdjmError `INVALID_DATA` for values that are no numbers. */
export function checkFinite(name: string, values: FloatArray, what: string): void {
  if (allFinite(values)) return;
  throw new EdjmError(
    'INVALID_DATA',
    `${name}: expected ${what} that are finite, got NaN or an infinity. The parameters are as before.`,
  );
}

/** Tensors that have names. */
export type NamedShapes = ReadonlyMap<string, { readonly shape: readonly number[] }>;

/** @throws EdjmError `NOT_FOUND` for a name that is not among those known. */
export function checkName(name: string, known: NamedShapes, wanted: string): void {
  if (known.has(wanted)) return;
  throw new EdjmError(
    'NOT_FOUND',
    `${name}: expected one of ${[...known.keys()].join(', ')}, got ${wanted}. Take a name of this network.`,
  );
}

/** @throws EdjmError `NOT_FOUND` as {@link checkName}, `SHAPE_MISMATCH` for values of another shape. */
export function checkValues(
  name: string,
  known: NamedShapes,
  values: ReadonlyMap<string, ParameterValues>,
): void {
  for (const [wanted, { shape, data }] of values) {
    checkName(name, known, wanted);
    const expected = known.get(wanted)?.shape ?? [];
    if (shape.join() === expected.join() && data.length === valueCount(expected)) continue;
    throw new EdjmError(
      'SHAPE_MISMATCH',
      `${name}: expected the shape ${expected.join(' × ')} for ${wanted}, got ${shape.join(' × ')} with ${data.length} values. Give values in row-major order.`,
    );
  }
}
