/** The command that resumes a run: the arguments of the run, quoted for a shell. */
export function resumingCommand(args: readonly string[]): string {
  const others = args.filter((arg) => arg !== '--resume' && arg !== '--overwrite');
  return ['edjm', ...others, '--resume'].map(quoted).join(' ');
}

function quoted(arg: string): string {
  return /^[\w@%+=:,./-]+$/.test(arg) ? arg : `'${arg.replaceAll("'", String.raw`'\''`)}'`;
}
