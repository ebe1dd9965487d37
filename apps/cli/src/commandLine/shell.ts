/** Where a command writes text: standard output or standard error, or what stands for them. */
export interface Output extends NodeJS.WritableStream {
  /** Whether it is a terminal. */
  readonly isTTY?: boolean;
  /** Width of the terminal. */
  readonly columns?: number;
}

/** The surroundings of a command. */
export interface Shell {
  /** The words of the command line, without the program. */
  readonly args: readonly string[];
  readonly stdout: Output;
  readonly stderr: Output;
  /** The signal of an interruption. A command that has started to work asks for it once; until then an interruption ends the process. */
  readonly interrupted: () => AbortSignal;
}
