/** The kind of an error, as a value to match on. The message is for people and may change; the code is not. */
export type EdjmErrorCode =
  /** An option or argument is out of its range. */
  | 'INVALID_ARGUMENT'
  /** A file or package is not there. */
  | 'NOT_FOUND'
  /** A file exists, but its bytes do not fit its kind. */
  | 'INVALID_FILE'
  /** Two things that must agree in shape do not, such as the data's width and the network's input. */
  | 'SHAPE_MISMATCH'
  /** Data, gradients or metrics that are NaN or infinite, no samples or another number of them, or no numbers at all. */
  | 'INVALID_DATA'
  /** A network uses an operator or a feature that is not covered. */
  | 'UNSUPPORTED'
  /** A network has several inputs or outputs and none was chosen. */
  | 'AMBIGUOUS'
  /** An engine is not installed or does not load on this machine. */
  | 'ENGINE_UNAVAILABLE'
  /** An engine failed while it ran. */
  | 'ENGINE_FAILED'
  /** The memory limit is below what the run needs. */
  | 'MEMORY_LIMIT'
  /** The run was canceled through its `AbortSignal`. */
  | 'ABORTED';

/**
 * The one error that edjm throws on purpose. Match on `code`. The message states the expectation, the actual value, and a
 * remedy.
 *
 * @example
 * ```ts
 * import { EdjmError } from '@edjm/core';
 *
 * const error = new EdjmError('SHAPE_MISMATCH', 'expected 784 values a sample, got 196. Give data of that width.');
 * console.log(error.code); // 'SHAPE_MISMATCH'
 * ```
 */
export class EdjmError extends Error {
  readonly code: EdjmErrorCode;

  constructor(code: EdjmErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'EdjmError';
    this.code = code;
  }

  /** Whether a caught value is an `EdjmError`, with a given code if one is named; works across copies of this package. */
  static is(value: unknown, code?: EdjmErrorCode): value is EdjmError {
    return (
      value instanceof Error &&
      value.name === 'EdjmError' &&
      'code' in value &&
      (code === undefined || value.code === code)
    );
  }
}
