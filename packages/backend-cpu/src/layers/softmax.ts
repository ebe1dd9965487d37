import { curved, type DifferentiableLayer } from '../differentiableLayer.ts';

/** p = softmax(x): J = diag(p) − p pᵀ, which is symmetric, and so is the derivative of J ẋ: the third one of log Σⱼ eˣʲ. */
export const softmax: DifferentiableLayer = curved(
  (x) => {
    const p = probabilities(x);
    const multiply = (v: Float64Array): Float64Array => slope(p, v);
    return { y: p, jvp: multiply, vjp: multiply };
  },
  (x, tangent) => {
    const p = probabilities(x);
    const mean = dot(p, tangent);
    const multiply = (v: Float64Array): Float64Array => {
      const change = slope(p, v);
      const changeOfMean = dot(change, tangent);
      return change.map(
        (value, i) => value * ((tangent[i] as number) - mean) - (p[i] as number) * changeOfMean,
      );
    };
    return { jvp: multiply, vjp: multiply };
  },
);

/** log softmax(x): J = I − 1 pᵀ, and J ẋ = ẋ − 1 pᵀ ẋ has the derivative −1 (softmax'(x) ẋ)ᵀ. */
export const logSoftmax: DifferentiableLayer = curved(
  (x) => {
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
        const total = sumOf(cotangent);
        return cotangent.map((value, i) => value - total * (p[i] as number));
      },
    };
  },
  (x, tangent) => {
    const change = slope(probabilities(x), tangent);
    return {
      jvp: (v) => new Float64Array(v.length).fill(-dot(change, v)),
      vjp: (cotangent) => {
        const total = sumOf(cotangent);
        return change.map((value) => -total * value);
      },
    };
  },
);

/** (diag(p) − p pᵀ) v. */
function slope(p: Float64Array, v: Float64Array): Float64Array {
  const mean = dot(p, v);
  return v.map((value, i) => (p[i] as number) * (value - mean));
}

function probabilities(x: Float64Array): Float64Array {
  const largest = Math.max(...x);
  const powers = x.map((value) => Math.exp(value - largest));
  const total = sumOf(powers);
  return powers.map((value) => value / total);
}

function sumOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0);
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, i) => sum + value * (b[i] as number), 0);
}
