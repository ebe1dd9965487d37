import { tsqrAccumulator, tsqrErrorBound } from '@edjm/linalg';
import type { SpectrumMethod } from '../contracts/spectrumMethod.ts';
import { accumulatorMethod } from './accumulatorMethod.ts';

/** A QR decomposition of the rows, batch after batch, which keeps the small end of the spectrum. */
export const tsqr: SpectrumMethod = accumulatorMethod({
  name: 'tsqr',
  description: 'a QR decomposition of the rows',
  use: 'the small end of a spectrum, which products of rows lose',
  refusal: () => undefined,
  accuracy: ({ n, network }) => tsqrErrorBound(n, network.dIn),
  reason: ({ accuracy, accurateFor }) => {
    const who = accurateFor === undefined ? '' : ` by ${accurateFor}`;
    return `an accuracy of ${accuracy} is asked for${who}, which products of rows do not have`;
  },
  kind: () => ({ name: 'tsqr', empty: (columns) => tsqrAccumulator(columns) }),
});
