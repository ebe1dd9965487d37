import type { DenseLayer } from '@edjm/network';
import type { DifferentiableLayer } from '../differentiableLayer.ts';
import { affine } from './affine.ts';

/** y = W x + b. */
export function dense({ weight, bias }: DenseLayer): DifferentiableLayer {
  const [rows, columns] = weight.shape as [number, number];
  return affine({
    rows,
    columns,
    weight: weight.data,
    offset: bias && { values: bias, channelSize: 1 },
    terms: (visit) => {
      for (let row = 0; row < rows; row++) {
        for (let column = 0; column < columns; column++) {
          visit(row, column, row * columns + column);
        }
      }
    },
  });
}
