import type { FloatArray } from '@edjm/core';
import type { DifferentiableLayer } from '../differentiableLayer.ts';
import { affine } from './affine.ts';

/** The parameters of y = scale · x + bias, one of each for each channel or feature. */
export interface Scaling {
  readonly scale: FloatArray;
  /** Absent stands for zeros. */
  readonly bias?: FloatArray;
}

/** Each channel times its factor, plus its offset. */
export function scale({ scale: factors, bias }: Scaling, size: number): DifferentiableLayer {
  const channelSize = size / factors.length;
  return affine({
    rows: size,
    columns: size,
    weight: factors,
    offset: bias && { values: bias, channelSize },
    terms: (visit) => {
      for (let k = 0; k < size; k++) visit(k, k, Math.floor(k / channelSize));
    },
  });
}
