import { EdjmError } from '@edjm/core';
import { CommanderError } from 'commander';
import type { Shell } from '../commandLine/shell.ts';
import { colorsOf } from './colors.ts';
import { inFlags } from './inFlags.ts';
import { asMemoryLimit } from './memoryFailure.ts';
import { withAdvice } from './withAdvice.ts';

/** Exit codes of the command: 0 is done; `missed` is for a network that misses a bound. Those of interruptions are the shells' own for SIGINT and SIGTERM. */
export const exitCodes = { failed: 1, badUsage: 2, missed: 3, interrupted: 130, terminated: 143 } as const;

function exitCode(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCodes.badUsage;
  if (EdjmError.is(error, 'ABORTED')) {
    return reasonOf(error) === 'SIGTERM' ? exitCodes.terminated : exitCodes.interrupted;
  }
  if (EdjmError.is(error, 'INVALID_ARGUMENT') || EdjmError.is(error, 'AMBIGUOUS')) return exitCodes.badUsage;
  return exitCodes.failed;
}

/** The reason of an abortion, at the end of the chain of causes: the name of the signal. */
function reasonOf(error: unknown): unknown {
  return error instanceof Error ? reasonOf(error.cause) : error;
}

/** Prints the reason of a failure, one line for an expected error and the stack for an unforeseen one. Returns the exit code. */
export function failure(thrown: unknown, { stderr }: Pick<Shell, 'stderr'>): number {
  const error = asMemoryLimit(thrown);
  // Commander has already said what is wrong.
  if (!(error instanceof CommanderError)) {
    const prefix = EdjmError.is(error, 'ABORTED') ? 'interrupted' : 'error';
    stderr.write(`${colorsOf(stderr).red(`${prefix}:`)} ${printable(messageOf(error))}\n`);
  }
  return exitCode(error);
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return EdjmError.is(error) ? inFlags(withAdvice(error)) : (error.stack ?? error.message);
}

/** Replaces control characters, which a terminal obeys. Names and texts from files may hold them. */
function printable(message: string): string {
  return message.replaceAll(/[^\P{Cc}\n\t]/gu, '\u{fffd}');
}
