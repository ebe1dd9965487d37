import { EdjmError } from '@edjm/core';
import { inNode } from '@edjm/files';

/** The error for a package that is not there or does not load. */
export function importError(name: string, cause: unknown): EdjmError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const where = inNode() ? `${process.platform} ${process.arch}` : 'this page';
  return new EdjmError(
    'ENGINE_UNAVAILABLE',
    isMissing(cause)
      ? `expected the package ${name}, got none. Install it: npm install ${name}`
      : `expected the package ${name} to load on ${where}, got: ${reason}. Install it again: npm install ${name}`,
    { cause },
  );
}

/** Whether an error says that a package is not installed, not that it is broken. */
export function isMissing(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'ERR_MODULE_NOT_FOUND';
}
