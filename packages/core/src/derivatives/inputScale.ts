import { EdjmError } from '../contracts/errors.ts';
import type { DifferentiableNetwork } from '../contracts/network.ts';

/**
 * The factors that the columns of the EDJM are multiplied by, one for each of the d_in inputs; undefined if that
 * changes nothing.
 *
 * @param scale - one factor for all, or one for each input.
 * @throws EdjmError `INVALID_ARGUMENT` if there are not d_in of them or one is not finite.
 */
export function columnFactors(
  { name, dIn }: DifferentiableNetwork,
  scale: number | ArrayLike<number> = 1,
): ArrayLike<number> | undefined {
  if (scale === 1) return undefined;
  const factors = typeof scale === 'number' ? new Float64Array(dIn).fill(scale) : scale;
  const wrong = Array.from(factors).findIndex((factor) => !Number.isFinite(factor));
  if (factors.length === dIn && wrong === -1) return factors;
  const got = wrong === -1 ? `${factors.length} factors` : `${String(factors[wrong])} for input ${wrong}`;
  throw new EdjmError(
    'INVALID_ARGUMENT',
    `${name}: expected as inputScale one finite factor, or one for each of ${dIn} inputs, got ${got}. Give the derivative of the input with respect to the raw data.`,
  );
}
