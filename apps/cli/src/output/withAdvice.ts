import type { EdjmError, EdjmErrorCode } from '@edjm/core';

/** What to do about an error whose message does not say it: rules of single operators leave it to the command. */
const remedies: Partial<Record<EdjmErrorCode, string>> = {
  INVALID_ARGUMENT: 'Correct the command line; edjm COMMAND --help lists its options.',
  INVALID_FILE: 'Write or export the file anew, and check it with the program that it comes from.',
  SHAPE_MISMATCH: 'Check the shapes of the data and --input-shape, or export the network anew.',
  UNSUPPORTED: 'Choose a tensor in front of it by --output NAME, or export the network without it.',
  ENGINE_FAILED: 'Try another --engine, or export the network anew.',
};

/** Whether a sentence follows the one that says what was expected and found. */
const HAS_ADVICE = /[.?:;] [A-Z]\S* .*[^ ]$/s;

/** The message of an error, with what to do if it does not say so itself. */
export function withAdvice({ code, message }: Pick<EdjmError, 'code' | 'message'>): string {
  const remedy = remedies[code];
  const said = message.slice(Math.max(0, message.indexOf('expected ')));
  if (remedy === undefined || HAS_ADVICE.test(said)) return message;
  return `${message.trimEnd().replace(/[^.?!]$/, '$&.')} ${remedy}`;
}
