#!/usr/bin/env node
import { EdjmError } from '@edjm/core';
import { exit } from './output/exit.ts';
import { program } from './program.ts';

// A closed pipe (`edjm … | head`) is the reader's choice, not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  exit(
    new EdjmError(
      'INVALID_FILE',
      `standard output: expected a place that can be written to, got: ${error.message}. Choose another.`,
      { cause: error },
    ),
  );
  process.exit();
});

try {
  await program().parseAsync();
} catch (error) {
  exit(error);
}
