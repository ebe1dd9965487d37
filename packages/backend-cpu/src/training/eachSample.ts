import type { LayerFunction } from '../layerFunction.ts';
import { joined, parts } from '../parts.ts';

/** A function of one sample as a function of n of them, one after the other in one array. */
export function eachSample(f: LayerFunction, n: number): LayerFunction {
  return (batch) => {
    const samples = parts(batch, n).map(f);
    return {
      y: joined(samples.map(({ y }) => y)),
      jvp: (tangents) => joined(parts(tangents, n).map((t, i) => at(samples, i).jvp(t))),
      vjp: (cotangents, gradients) =>
        joined(parts(cotangents, n).map((c, i) => at(samples, i).vjp(c, gradients))),
    };
  };
}

function at<T>(items: readonly T[], index: number): T {
  return items[index] as T;
}
