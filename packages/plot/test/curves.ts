import type { SpectrumSeries } from '../src/index.ts';

/** A spectrum that falls from 1 to 10^−decades: σ_i = 10^(−decades · (i / (n − 1))^bend). */
export function falling(n: number, bend: number, decades = 3): Float64Array {
  return Float64Array.from({ length: n }, (_, i) => 10 ** (-decades * (i / (n - 1)) ** bend));
}

export const three: readonly SpectrumSeries[] = [
  { label: '1 × 240', values: falling(784, 0.3), score: 4.254 },
  { label: '2 × 120', values: falling(784, 0.45), score: 5.486 },
  { label: '3 × 80', values: falling(784, 0.6), score: 7.351 },
];

export const withZeros: SpectrumSeries = { label: 'rank 4', values: [1, 0.5, 0.2, 0.03, 0, 0, 0, 0] };
