import { EdjmError, type EdjmErrorCode } from '@edjm/core';

/** The parts of a message about a file, and what caused it. */
export interface Refused {
  readonly expected: string;
  readonly got: string;
  /** What to do, as a sentence. */
  readonly todo: string;
  /** Defaults to `INVALID_FILE`. */
  readonly code?: EdjmErrorCode;
  readonly cause?: unknown;
}

/** The error for the file at `location`. */
export function refusal(
  location: string,
  { expected, got, todo, code = 'INVALID_FILE', cause }: Refused,
): EdjmError {
  const options = cause === undefined ? undefined : { cause };
  return new EdjmError(code, `${location}: expected ${expected}, got ${got}. ${todo}`, options);
}

/** The message of a caught value, and that of its cause: `fetch` puts the reason there. */
export function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const deeper = cause.cause instanceof Error ? cause.cause.message : '';
  return (deeper === '' ? cause.message : `${cause.message}: ${deeper}`).replace(/\.$/, '');
}
