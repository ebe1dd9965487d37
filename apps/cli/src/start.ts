import { EdjmError } from '@edjm/core';
import { interruptSignal } from './commandLine/interrupt.ts';
import type { Shell } from './commandLine/shell.ts';
import { failure } from './output/failure.ts';
import { run } from './run.ts';

const shell: Shell = {
  args: process.argv.slice(2),
  stdout: process.stdout,
  stderr: process.stderr,
  interrupted: interruptSignal,
};

// A closed pipe (`edjm … | head`) is the reader's choice, not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  const cause = new EdjmError(
    'INVALID_FILE',
    `standard output: expected a place that can be written to, got: ${error.message}. Choose another.`,
    { cause: error },
  );
  process.exit(failure(cause, shell));
});

/** Runs the command in this process. */
export async function start(): Promise<void> {
  process.exitCode = await run(shell);
}
