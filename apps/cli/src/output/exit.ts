import { EdjmError } from '@edjm/core';
import { CommanderError } from 'commander';
import pc from 'picocolors';

/** Exit codes of the command: 0 is done. */
const exitCodes = { failed: 1, badUsage: 2, interrupted: 130 } as const;

function exitCode(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCodes.badUsage;
  if (EdjmError.is(error, 'ABORTED')) return exitCodes.interrupted;
  if (EdjmError.is(error, 'INVALID_ARGUMENT') || EdjmError.is(error, 'AMBIGUOUS')) return exitCodes.badUsage;
  return exitCodes.failed;
}

/** Ends the process after an error: one line for what edjm refused, the stack for what it did not foresee. */
export function exit(error: unknown): void {
  process.exitCode = exitCode(error);
  // Commander has said itself what is wrong.
  if (error instanceof CommanderError) return;
  const expected = EdjmError.is(error);
  const message =
    error instanceof Error ? (expected ? error.message : (error.stack ?? error.message)) : String(error);
  const prefix = EdjmError.is(error, 'ABORTED') ? 'interrupted' : 'error';
  process.stderr.write(
    `${pc.createColors(pc.isColorSupported && process.stderr.isTTY).red(`${prefix}:`)} ${printable(message)}\n`,
  );
}

/** Names and texts from files may hold characters that a terminal obeys. */
function printable(message: string): string {
  return message.replaceAll(/[^\P{Cc}\n\t]/gu, '\u{fffd}');
}
