import type { LayerFunction } from '../layerFunction.ts';

/** p = softmax(x): J = diag(p) − p pᵀ, which is symmetric. */
export const softmax: LayerFunction = (x) => {
  const p = probabilities(x);
  const multiply = (v: Float64Array): Float64Array => {
    const mean = dot(p, v);
    return v.map((value, i) => (p[i] as number) * (value - mean));
  };
  return { y: p, jvp: multiply, vjp: multiply };
};

/** log softmax(x): J = I − 1 pᵀ. */
export const logSoftmax: LayerFunction = (x) => {
  const p = probabilities(x);
  const largest = Math.max(...x);
  const shift = largest + Math.log(x.reduce((sum, value) => sum + Math.exp(value - largest), 0));
  return {
    y: x.map((value) => value - shift),
    jvp: (tangent) => {
      const mean = dot(p, tangent);
      return tangent.map((value) => value - mean);
    },
    vjp: (cotangent) => {
      const total = cotangent.reduce((sum, value) => sum + value, 0);
      return cotangent.map((value, i) => value - total * (p[i] as number));
    },
  };
};

function probabilities(x: Float64Array): Float64Array {
  const largest = Math.max(...x);
  const powers = x.map((value) => Math.exp(value - largest));
  const total = powers.reduce((sum, value) => sum + value, 0);
  return powers.map((value) => value / total);
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, i) => sum + value * (b[i] as number), 0);
}
