import type { DenseLayer } from '@edjm/network';
import type { LayerFunction } from '../layerFunction.ts';
import { affine } from './affine.ts';

/** y = W x + b. */
export function dense({ weight, bias }: DenseLayer): LayerFunction {
  const [rows, columns] = weight.shape as [number, number];
  return affine({
    rows,
    columns,
    offset: bias,
    terms: (visit) => {
      for (let row = 0; row < rows; row++) {
        for (let column = 0; column < columns; column++) {
          visit(row, column, weight.data[row * columns + column] as number);
        }
      }
    },
  });
}
