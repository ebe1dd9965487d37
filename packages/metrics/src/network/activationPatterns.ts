import type { NetworkMetric } from '@edjm/core';

/**
 * The number of different activation patterns of the samples: in how many linear regions they lie. For a network of ReLUs it is the number of different
 * Jacobians on the data, since a pattern determines J(x).
 *
 * A whole number from 1 to n. Patterns are compared exactly.
 *
 * Source: Raghu et al., "On the expressive power of deep neural networks", ICML 2017, section 2.2; Wang et al. 2016, section 3, for Jacobians.
 *
 * @example
 * ```ts
 * import { activationPatternCount } from '@edjm/metrics';
 *
 * console.log(activationPatternCount().needs); // [ 'activationPatterns' ]
 * ```
 */
export function activationPatternCount(): NetworkMetric<'activationPatterns'> {
  return {
    name: 'activation-patterns',
    description: 'number of different activation patterns, and Jacobians, on the data',
    reading: {
      formula: '|{pattern(xᵢ)}|',
      range: '1 to n, a whole number',
      high: 'almost every sample has a linear map of its own',
      low: 'many samples share one linear map',
      source: 'Raghu et al. 2017',
    },
    needs: ['activationPatterns'],
    observe: () => {
      const seen = new Set<string>();
      return {
        add: ({ activationPatterns: { rows, columns, data } }) => {
          for (let row = 0; row < rows; row++) {
            seen.add(patternKey(data.subarray(row * columns, (row + 1) * columns)));
          }
        },
        value: () => Math.max(1, seen.size),
      };
    },
  };
}

/** A text that differs for different patterns. */
export function patternKey(pattern: Uint8Array): string {
  // Chunks, since a call takes a limited number of arguments.
  let key = '';
  for (let at = 0; at < pattern.length; at += 4096) {
    key += String.fromCharCode(...pattern.subarray(at, at + 4096));
  }
  return key;
}
