/** The command that goes on with a run: its own arguments, for a shell to read. */
export function resumingCommand(args: readonly string[]): string {
  const others = args.filter((arg) => arg !== '--resume' && arg !== '--overwrite');
  return ['edjm', ...others, '--resume'].map(quoted).join(' ');
}

function quoted(arg: string): string {
  return /^[\w@%+=:,./-]+$/.test(arg) ? arg : `'${arg.replaceAll("'", String.raw`'\''`)}'`;
}
