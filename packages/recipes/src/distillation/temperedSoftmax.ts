import type { FloatArray } from '@edjm/core';

/** The softmax of logits divided by a temperature, and T² log Σ_k e^{z_k / T}, without overflow. */
export function temperedSoftmax(
  logits: FloatArray,
  temperature: number,
): { readonly probabilities: Float64Array; readonly scaledLogSum: number } {
  let largest = -Infinity;
  for (const value of logits) largest = Math.max(largest, value);
  const probabilities = Float64Array.from(logits, (value) => Math.exp((value - largest) / temperature));
  let sum = 0;
  for (const value of probabilities) sum += value;
  for (let k = 0; k < probabilities.length; k++) probabilities[k] = (probabilities[k] as number) / sum;
  return { probabilities, scaledLogSum: temperature * largest + temperature ** 2 * Math.log(sum) };
}
