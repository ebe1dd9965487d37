import type { ParameterGradients } from './parameterGradients.ts';

/** A linear map and its transpose. */
export interface LinearMap {
  /** t ↦ J t. */
  readonly jvp: (tangent: Float64Array) => Float64Array;
  /** c ↦ Jᵀ c. */
  readonly vjp: (cotangent: Float64Array) => Float64Array;
}

/** The derivative J(x) of a layer at one point, beside its value there. */
export interface Linearization extends LinearMap {
  /** f(x). */
  readonly y: Float64Array;
  /**
   * c ↦ J(x)ᵀ c. If gradients are given, the gradient of ⟨c, f(x)⟩ with respect to each parameter of the layer is added to
   * them.
   */
  readonly vjp: (cotangent: Float64Array, gradients?: ParameterGradients) => Float64Array;
}

/** A layer, made ready for an input shape, acting on one flattened sample, or on any other single array. */
export type LayerFunction = (x: Float64Array) => Linearization;

/** Layers one after the other; none at all is the identity. */
export function sequence(layers: readonly LayerFunction[]): LayerFunction {
  return (x) => {
    const steps: Linearization[] = [];
    let y = x;
    for (const layer of layers) {
      const step = layer(y);
      steps.push(step);
      y = step.y;
    }
    return {
      y,
      jvp: (tangent) => steps.reduce((t, step) => step.jvp(t), tangent),
      vjp: (cotangent, gradients) => steps.reduceRight((c, step) => step.vjp(c, gradients), cotangent),
    };
  };
}

/** Two layers side by side on the same input, their outputs added. */
export function sum(left: LayerFunction, right: LayerFunction): LayerFunction {
  return (x) => {
    const a = left(x);
    const b = right(x);
    return {
      y: added(a.y, b.y),
      jvp: (tangent) => added(a.jvp(tangent), b.jvp(tangent)),
      vjp: (cotangent, gradients) => added(a.vjp(cotangent, gradients), b.vjp(cotangent, gradients)),
    };
  };
}

/** a + b. */
export function added(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((value, i) => value + (b[i] as number));
}

/** Each value times its factor. */
export function diagonal(factors: Float64Array): LinearMap {
  const multiply = (v: Float64Array): Float64Array => v.map((value, i) => value * (factors[i] as number));
  return { jvp: multiply, vjp: multiply };
}
