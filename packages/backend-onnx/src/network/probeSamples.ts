import type { NetworkGraph } from '@edjm/onnx-autodiff';
import { wholeColumns } from './wholeNumbers.ts';

/** Numbers between 0 and 1 without a pattern, the same ones every time; 0 or 1 where the network takes indices. */
export function probeSamples(graph: NetworkGraph, n: number): Float32Array | Float64Array {
  const whole = new Set(wholeColumns(graph));
  const values = Array.from({ length: n * graph.sampleSize }, (_, index) => {
    const value = Math.abs(Math.sin(12.9898 * (index + 1)) * 43758.5453) % 1;
    return whole.has(index % graph.sampleSize) ? Math.round(value) : value;
  });
  return graph.precision === 'float64' ? Float64Array.from(values) : Float32Array.from(values);
}
