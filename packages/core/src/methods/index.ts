import type { SpectrumMethod } from '../contracts/spectrumMethod.ts';
import { dual } from './dual.ts';
import { dualBlocks } from './dualBlocks.ts';
import { frequentDirections } from './frequentDirections.ts';
import { gram } from './gram.ts';
import { gramOfRows } from './gramOfRows.ts';
import { krylov } from './krylov.ts';
import { tsqr } from './tsqr.ts';

/** All methods, in the order in which a plan prefers them: later ones are for what earlier ones cannot do or have no memory for. */
export const spectrumMethods: readonly SpectrumMethod[] = [
  dual,
  gram,
  gramOfRows,
  tsqr,
  dualBlocks,
  krylov,
  frequentDirections,
];
