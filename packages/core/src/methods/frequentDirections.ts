import { frequentDirectionsAccumulator } from '@edjm/linalg';
import type { SpectrumMethod } from '../contracts/spectrumMethod.ts';
import { accumulatorMethod } from './accumulatorMethod.ts';

/** A sketch holds more directions than are asked for, so that the wanted ones are accurate. */
const DIRECTIONS_FOR_EACH = 2;

/** A sketch of J of fixed size, for a spectrum with wide error bounds in one pass. */
export const frequentDirections: SpectrumMethod = accumulatorMethod({
  name: 'frequent-directions',
  description: 'a sketch by frequent directions',
  use: 'a rough spectrum in one pass and little memory',
  offers: () => false,
  refusal: () => undefined,
  accuracy: () => 1,
  extra: ({ n, network, values }) => ({ directions: directionsFor(Math.min(n, network.dIn), values) }),
  kind: () => ({
    name: 'frequent-directions',
    empty: (columns, _, { directions = columns }) => frequentDirectionsAccumulator(columns, { directions }),
  }),
});

function directionsFor(rank: number, values: number): number {
  const wanted = values < rank ? values : Math.ceil(rank / 10);
  return Math.min(rank, DIRECTIONS_FOR_EACH * wanted);
}
