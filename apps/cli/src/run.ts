import { program } from './program.ts';
import type { Shell } from './commandLine/shell.ts';
import { failure } from './output/failure.ts';

/** Runs the command in a shell, and gives its exit code. */
export async function run(shell: Shell): Promise<number> {
  let code = 0;
  try {
    await program(shell, (other) => {
      code = other;
    }).parseAsync(shell.args, { from: 'user' });
    return code;
  } catch (error) {
    return failure(error, shell);
  }
}
