import type { Command } from 'commander';

/** Commands that cannot run without data. */
const needData: ReadonlySet<string> = new Set(['analyze', 'compare', 'train']);

/**
 * Refuses a command without its data, and several models for `analyze`. This comes after commander has refused what it does not know: a mistyped `--data`
 * is named as such, not as missing.
 *
 * @throws CommanderError
 */
export function checkUsage(command: Command): void {
  const { args } = command;
  const name = command.name();
  if (name === 'analyze' && args.length > 1) {
    command.error(
      `error: expected one model, got ${String(args.length)}. To analyze several side by side, run: edjm compare ${args.join(' ')} --data SOURCE`,
    );
  }
  const { data } = command.opts<{ readonly data?: string }>();
  if (needData.has(name) && data === undefined) {
    command.error("error: required option '--data <source>' not specified");
  }
}
