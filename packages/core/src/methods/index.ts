import type { SpectrumMethod } from '../contracts/spectrumMethod.ts';
import { dual } from './dual.ts';
import { dualBlocks } from './dualBlocks.ts';
import { frequentDirections } from './frequentDirections.ts';
import { gram } from './gram.ts';
import { gramOfRows } from './gramOfRows.ts';
import { krylov } from './krylov.ts';
import { tsqr } from './tsqr.ts';

/** All methods in order of preference. A plan takes a later one if earlier ones cannot do the job or do not fit the memory. */
export const spectrumMethods: readonly SpectrumMethod[] = [
  dual,
  gram,
  gramOfRows,
  tsqr,
  dualBlocks,
  krylov,
  frequentDirections,
];
