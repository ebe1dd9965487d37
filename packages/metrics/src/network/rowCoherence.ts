import type { NetworkMetric } from '@edjm/core';
import { innerProduct } from './rowSums.ts';

/**
 * How much the rows of an output's EDJM point in one direction: the squared length of their mean over the mean of their squared lengths.
 *
 * ‖(1/n) Σᵢ rᵢ‖² / ((1/n) Σᵢ ‖rᵢ‖²), one value an output. Dimensionless: 1 if all rows are equal, as for a linear map; 1/n for orthogonal rows of one
 * length; 0 for rows that cancel, and for the zero matrix.
 *
 * Source: the α of Chatterjee and Zielinski, "On the generalization mystery in deep learning", 2022, section 3, for gradients with respect to the input.
 *
 * @example
 * ```ts
 * import { rowCoherence } from '@edjm/metrics';
 *
 * console.log(rowCoherence().needs); // [ 'rows' ]
 * ```
 */
export function rowCoherence(): NetworkMetric<'rows'> {
  return {
    name: 'row-coherence',
    description: 'squared length of the mean row over the mean squared length of the rows',
    reading: {
      formula: '‖mean r‖² / mean ‖r‖²',
      range: '0 to 1',
      high: 'the output reacts to the same direction of the input everywhere, as a linear map does',
      low: 'the output reacts to other directions at every sample',
      source: 'Chatterjee and Zielinski 2022',
    },
    needs: ['rows'],
    observe: (_, { n, dIn, outputs }) => {
      const sums = outputs.map(() => new Float64Array(dIn));
      const squares = outputs.map(() => 0);
      return {
        add: ({ rows }) => {
          for (const [k, { data }] of rows.entries()) {
            const sum = sums[k] as Float64Array;
            for (let at = 0; at < data.length; at++) {
              sum[at % dIn] = (sum[at % dIn] as number) + (data[at] as number);
            }
            squares[k] = (squares[k] as number) + innerProduct(data, data);
          }
        },
        value: () =>
          sums.map((sum, k) => {
            const total = squares[k] as number;
            return total === 0 ? 0 : innerProduct(sum, sum) / (n * total);
          }),
      };
    },
  };
}
