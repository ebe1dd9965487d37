/** The place that a command writes text to: standard output, standard error, or a substitute. */
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
  /**
   * The signal of an interruption. A command asks for it once when it starts to work; until then an interruption ends the
   * process.
   */
  readonly interrupted: () => AbortSignal;
}
