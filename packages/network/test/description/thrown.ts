import { EdjmError } from '@edjm/core';

/** The error that a call throws. */
export function thrown(call: () => unknown): EdjmError {
  try {
    call();
  } catch (error) {
    if (EdjmError.is(error)) return error;
    throw error;
  }
  throw new Error('expected an error');
}
