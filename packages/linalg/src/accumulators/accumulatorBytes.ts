import { stateOfBytes } from './accumulatorState.ts';
import { dualOfState } from './dualAccumulator.ts';
import { frequentDirectionsOfState } from './frequentDirectionsAccumulator.ts';
import { gramOfState } from './gramAccumulator.ts';
import type { SpectrumAccumulator } from './spectrumAccumulator.ts';
import { tsqrOfState } from './tsqrAccumulator.ts';

/**
 * The accumulator whose `toBytes` returned these bytes, on any machine. It continues bit for bit as the first one would.
 *
 * The bytes may come from anywhere. Bytes that no accumulator can have written are refused before anything larger than them
 * is allocated. There is no checksum: a number that was changed to another finite one is not noticed.
 *
 * @throws RangeError if they are no accumulator, cut off, of another version, or hold numbers that no accumulator can hold.
 *
 * @example
 * ```ts
 * import { accumulatorFromBytes, gramAccumulator } from '@edjm/linalg';
 *
 * const accumulator = gramAccumulator(2);
 * accumulator.add({ rows: 2, columns: 2, data: Float64Array.of(3, 0, 0, 4) });
 * const copy = accumulatorFromBytes(accumulator.toBytes());
 * console.log(copy.method, copy.rows); // gram 2
 * ```
 */
export function accumulatorFromBytes(bytes: Uint8Array): SpectrumAccumulator {
  const state = stateOfBytes(bytes);
  switch (state.method) {
    case 'gram':
      return gramOfState(state);
    case 'dual':
      return dualOfState(state);
    case 'frequent-directions':
      return frequentDirectionsOfState(state);
    case 'tsqr':
      return tsqrOfState(state);
  }
}
