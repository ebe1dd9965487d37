import { allFinite } from '@edjm/linalg';
import { type DenseMatrix, EdjmError, type FloatArray, type ParameterValues } from '@edjm/core';
import { valueCount } from '@edjm/network';

type Shapes = ReadonlyMap<string, readonly number[]>;

/** @throws EdjmError `SHAPE_MISMATCH` for a matrix without one row a sample. */
export function checkRows(
  name: string,
  { rows }: DenseMatrix,
  { batch, what }: { readonly batch: DenseMatrix; readonly what: string },
): void {
  if (rows === batch.rows) return;
  throw new EdjmError(
    'SHAPE_MISMATCH',
    `${name}: expected ${what} for each of ${String(batch.rows)} samples, got ${String(rows)}. Give one row a sample.`,
  );
}

/** The shape of a tensor. @throws EdjmError `NOT_FOUND`. */
export function knownShape(network: string, shapes: Shapes, name: string): readonly number[] {
  const shape = shapes.get(name);
  if (shape !== undefined) return shape;
  throw new EdjmError(
    'NOT_FOUND',
    `${network}: expected a name among ${[...shapes.keys()].join(', ')}, got ${name}. Choose one of them.`,
  );
}

/** @throws EdjmError `NOT_FOUND`, `SHAPE_MISMATCH`, `INVALID_DATA` for values that tensors of these shapes cannot take. */
export function checkValues(
  network: string,
  values: ReadonlyMap<string, ParameterValues>,
  shapes: Shapes,
): void {
  for (const [name, { shape, data }] of values) {
    const expected = knownShape(network, shapes, name);
    if (shape.join() !== expected.join() || data.length !== valueCount(expected)) {
      throw new EdjmError(
        'SHAPE_MISMATCH',
        `${network}: expected [${expected.join(', ')}] for ${name}, got [${shape.join(', ')}] with ${String(data.length)} numbers. Give values of that shape.`,
      );
    }
    checkFinite(network, data);
  }
}

/** @throws EdjmError `INVALID_DATA`. */
export function checkFinite(network: string, values: FloatArray): void {
  if (allFinite(values)) return;
  throw new EdjmError(
    'INVALID_DATA',
    `${network}: expected finite numbers, got NaN or an infinity. The parameters are as before.`,
  );
}
