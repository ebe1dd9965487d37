#!/usr/bin/env node
import { exit } from './exit.ts';
import { program } from './program.ts';

// A closed pipe (`edjm … | head`) is the reader's choice, not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  process.stderr.write(
    `error: standard output: expected a place that can be written to, got: ${error.message}. Choose another.\n`,
  );
  process.exit(1);
});

try {
  await program().parseAsync();
} catch (error) {
  exit(error);
}
