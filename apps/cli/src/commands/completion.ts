import type { Command, Option } from 'commander';

/** The shells that `edjm completion` has scripts for. */
export const completionShells = ['bash', 'zsh', 'fish'] as const;

/** A shell that completes words. */
export type CompletionShell = (typeof completionShells)[number];

/** The script that makes a shell complete the commands and options of a program. Other words are files. */
export function completionScript(shell: CompletionShell, program: Command): string {
  return scripts[shell](program.commands.map(completed));
}

/** A command, as far as shells complete it. */
interface Completed {
  readonly name: string;
  readonly description: string;
  readonly options: readonly Option[];
  /** The words that its argument may be, if there are few. */
  readonly words: readonly string[];
}

function completed(command: Command): Completed {
  return {
    name: command.name(),
    description: command.description(),
    options: command.options.filter(({ hidden }) => !hidden),
    words: command.registeredArguments.flatMap(({ argChoices = [] }) => argChoices),
  };
}

const scripts: Record<CompletionShell, (commands: readonly Completed[]) => string> = {
  bash: (commands) => `# edjm completion bash: save it as ~/.local/share/bash-completion/completions/edjm
_edjm() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} words=''
  if [ "$COMP_CWORD" -eq 1 ]; then
    words='${commands.map(({ name }) => name).join(' ')}'
  else
    case "\${COMP_WORDS[1]} $previous" in
${commands.flatMap(bashChoices).join('\n')}
    esac
    case "\${COMP_WORDS[1]} $current" in
${commands.map((command) => `      "${command.name} -"*) words='${flagsOf(command).join(' ')}' ;;`).join('\n')}
    esac
  fi
  COMPREPLY=()
  if [ -n "$words" ]; then
    COMPREPLY=($(compgen -W "$words" -- "$current"))
  fi
}
complete -o default -F _edjm edjm
`,
  zsh: (commands) => `#compdef edjm
# edjm completion zsh: save it as _edjm in a folder of $fpath
_edjm() {
  local -a commands
  commands=(
${commands.map(({ name, description }) => `    '${name}:${plain(description)}'`).join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
${commands.map(zshCase).join('\n')}
  esac
}
_edjm "$@"
`,
  fish: (commands) => `# edjm completion fish: save it as ~/.config/fish/completions/edjm.fish
${commands.flatMap(fishLines).join('\n')}
`,
};

function flagsOf({ options }: Completed): readonly string[] {
  return options.flatMap(({ long }) => long ?? []);
}

function bashChoices({ name, options, words }: Completed): readonly string[] {
  const ofOptions = options.flatMap(({ long, argChoices }) =>
    argChoices === undefined ? [] : [`      "${name} ${long ?? ''}") words='${argChoices.join(' ')}' ;;`],
  );
  return words.length === 0
    ? ofOptions
    : [...ofOptions, `      "${name} ${name}") words='${words.join(' ')}' ;;`];
}

function zshCase({ name, options, words }: Completed): string {
  const specs = options.map(({ long = '', description, argChoices, required }) => {
    const values = argChoices === undefined ? '_files' : `(${argChoices.join(' ')})`;
    return `'${long}[${plain(description)}]${required ? `:value:${values}` : ''}'`;
  });
  const argument = words.length === 0 ? `'*:file:_files'` : `'1:word:(${words.join(' ')})'`;
  return `    ${name}) _arguments ${[...specs, argument].join(' \\\n      ')} ;;`;
}

function fishLines({ name, description, options, words }: Completed): readonly string[] {
  const start = `complete -c edjm -n '__fish_seen_subcommand_from ${name}'`;
  return [
    `complete -c edjm -n __fish_use_subcommand -f -a ${name} -d '${plain(description)}'`,
    ...(words.length === 0 ? [] : [`${start} -f -a '${words.join(' ')}'`]),
    ...options.map(({ long = '', description: about, argChoices, required }) => {
      const values =
        argChoices === undefined ? (required ? ' -r -F' : '') : ` -x -a '${argChoices.join(' ')}'`;
      return `${start} -l ${long.slice(2)}${values} -d '${plain(about)}'`;
    }),
  ];
}

/** The first sentence of a description, without the signs that shells read. */
function plain(text: string): string {
  const [first = ''] = text.split(/[;:\n]/);
  return first.replaceAll(/['"\\[\]$`]/g, ' ').trim();
}
