/** The derivative of a layer at one sample, beside its value there. */
export interface Linearization {
  /** f(x). */
  readonly y: Float64Array;
  /** t ↦ J(x) t. */
  readonly jvp: (tangent: Float64Array) => Float64Array;
  /** c ↦ J(x)ᵀ c. */
  readonly vjp: (cotangent: Float64Array) => Float64Array;
}

/** A layer, made ready for an input shape, acting on one flattened sample. */
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
      vjp: (cotangent) => steps.reduceRight((c, step) => step.vjp(c), cotangent),
    };
  };
}

/** Two layers side by side on the same input, their outputs added. */
export function sum(left: LayerFunction, right: LayerFunction): LayerFunction {
  return (x) => {
    const a = left(x);
    const b = right(x);
    return {
      y: add(a.y, b.y),
      jvp: (tangent) => add(a.jvp(tangent), b.jvp(tangent)),
      vjp: (cotangent) => add(a.vjp(cotangent), b.vjp(cotangent)),
    };
  };
}

function add(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((value, i) => value + (b[i] as number));
}
