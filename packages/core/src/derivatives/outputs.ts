import { EdjmError } from '../contracts/errors.ts';
import type { DifferentiableNetwork } from '../contracts/network.ts';

/** All indices of a network's outputs: 0 … d_out − 1. */
export function allOutputs({ dOut }: DifferentiableNetwork): readonly number[] {
  return Array.from({ length: dOut }, (_, index) => index);
}

/**
 * Refuses a list of outputs that is empty, names one twice, or names one that the network does not have.
 *
 * @throws EdjmError `INVALID_ARGUMENT`.
 */
export function checkOutputs({ name, dOut }: DifferentiableNetwork, outputs: readonly number[]): void {
  const exist = outputs.every((output) => Number.isInteger(output) && output >= 0 && output < dOut);
  if (exist && outputs.length > 0 && new Set(outputs).size === outputs.length) return;
  throw new EdjmError(
    'INVALID_ARGUMENT',
    `${name}: expected different outputs from 0 to ${dOut - 1}, got ${outputs.length === 0 ? 'none' : outputs.join(', ')}. Name outputs of the network, each once.`,
  );
}
