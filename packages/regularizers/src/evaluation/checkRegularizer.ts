import { allFinite } from '@edjm/linalg';
import {
  type DenseMatrix,
  EdjmError,
  type EdjmErrorCode,
  type FloatArray,
  type Regularizer,
  type RegularizerContext,
  type RegularizerGradient,
  type RegularizerQuantities,
} from '@edjm/core';

/** Runs a part of a regularizer, whose author may be anyone. Errors name the regularizer. */
export function withName<Result>({ name }: Regularizer, part: () => Result): Result {
  try {
    return part();
  } catch (cause) {
    const code: EdjmErrorCode = EdjmError.is(cause) ? cause.code : 'INVALID_DATA';
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new EdjmError(code, `${name}: ${message}`, { cause });
  }
}

/** @throws EdjmError `INVALID_ARGUMENT` if `every` or `samples` is not a count. */
export function checkRegularizer(regularizer: Regularizer): void {
  const { samples = 1, every = 1 } = regularizer;
  for (const [what, count] of Object.entries({ samples, every })) {
    if (Number.isSafeInteger(count) && count > 0) continue;
    throw failure(regularizer, 'INVALID_ARGUMENT', [`a whole number of ${what} above 0`, String(count)]);
  }
}

/** @throws EdjmError `INVALID_ARGUMENT` if cotangents are missing, `SHAPE_MISMATCH`, `INVALID_DATA`. */
export function checkCotangents(
  regularizer: Regularizer,
  cotangents: readonly DenseMatrix[] | undefined,
  { n, dOut }: RegularizerContext,
): readonly DenseMatrix[] {
  if (cotangents === undefined) {
    throw failure(regularizer, 'INVALID_ARGUMENT', ['cotangents, as it needs rows', 'none']);
  }
  for (const [k, each] of cotangents.entries()) {
    checkMatrix(regularizer, each, { rows: n, columns: dOut, what: `cotangents ${k}` });
  }
  return cotangents;
}

/** @throws EdjmError `INVALID_DATA` if it is no finite number. */
export function checkPenalty(regularizer: Regularizer, penalty: number): void {
  if (Number.isFinite(penalty)) return;
  throw failure(regularizer, 'INVALID_DATA', ['a finite penalty', String(penalty)]);
}

/** @throws EdjmError `SHAPE_MISMATCH`, `NOT_FOUND`, `INVALID_DATA`. */
export function checkGradient(
  regularizer: Regularizer,
  { rows, parameters }: RegularizerGradient,
  {
    quantities,
    shapes,
  }: {
    readonly quantities: RegularizerQuantities;
    readonly shapes: ReadonlyMap<string, readonly number[]>;
  },
): void {
  if (rows !== undefined && rows.length !== quantities.rows.length) {
    const counts = [`gradients of ${quantities.rows.length} matrices of rows`, String(rows.length)] as const;
    throw failure(regularizer, 'SHAPE_MISMATCH', counts);
  }
  for (const [k, gradient] of rows?.entries() ?? []) {
    const { rows: n, columns } = quantities.rows[k] as DenseMatrix;
    checkMatrix(regularizer, gradient, { rows: n, columns, what: `gradient of rows ${k}` });
  }
  for (const [name, gradient] of parameters ?? []) {
    const shape = shapes.get(name);
    if (shape === undefined) {
      const known = `gradients of parameters among ${[...shapes.keys()].join(', ')}`;
      throw failure(regularizer, 'NOT_FOUND', [known, name]);
    }
    const count = shape.reduce((product, size) => product * size, 1);
    if (gradient.length !== count) {
      const lengths = [`${count} values for the gradient of ${name}`, String(gradient.length)] as const;
      throw failure(regularizer, 'SHAPE_MISMATCH', lengths);
    }
    checkFinite(regularizer, gradient, `gradient of ${name}`);
  }
}

function checkMatrix(
  regularizer: Regularizer,
  matrix: DenseMatrix,
  { rows, columns, what }: { readonly rows: number; readonly columns: number; readonly what: string },
): void {
  if (matrix.rows !== rows || matrix.columns !== columns || matrix.data.length !== rows * columns) {
    throw failure(regularizer, 'SHAPE_MISMATCH', [
      `${rows} × ${columns} values for ${what}`,
      `${matrix.rows} × ${matrix.columns} in an array of ${matrix.data.length}`,
    ]);
  }
  checkFinite(regularizer, matrix.data, what);
}

function checkFinite(regularizer: Regularizer, values: FloatArray, what: string): void {
  if (allFinite(values)) return;
  const at = values.findIndex((value) => !Number.isFinite(value));
  if (at === -1) return;
  throw failure(regularizer, 'INVALID_DATA', [
    `finite numbers for ${what}`,
    `${String(values[at])} at place ${at}`,
  ]);
}

function failure(
  { name }: Regularizer,
  code: EdjmErrorCode,
  [expected, got]: readonly [expected: string, got: string],
): EdjmError {
  return new EdjmError(code, `${name}: expected ${expected}, got ${got}. Correct the regularizer.`);
}
