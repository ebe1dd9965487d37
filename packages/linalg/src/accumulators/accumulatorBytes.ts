import { stateOfBytes } from './accumulatorState.ts';
import { dualOfState } from './dualAccumulator.ts';
import { frequentDirectionsOfState } from './frequentDirectionsAccumulator.ts';
import { gramOfState } from './gramAccumulator.ts';
import type { SpectrumAccumulator } from './spectrumAccumulator.ts';
import { tsqrOfState } from './tsqrAccumulator.ts';

/**
 * The accumulator whose `toBytes` returned these bytes, on whatever machine: it goes on bit for bit as the first one would.
 *
 * Bytes from elsewhere may be given: what no accumulator can have written is refused before anything is allocated that
 * is larger than the bytes. There is no checksum: numbers that were changed on the way to other finite ones are not noticed.
 *
 * @throws RangeError if they are no accumulator, cut off, of another version, or hold numbers that none can hold.
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
