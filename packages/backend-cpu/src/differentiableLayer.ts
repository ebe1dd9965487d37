import { added, type LayerFunction, type LinearMap, sequence } from './layerFunction.ts';
import { joined, parts } from './parts.ts';

/** A layer f, and the function whose derivative holds its second derivatives. */
export interface DifferentiableLayer {
  /** x ↦ f(x). */
  readonly value: LayerFunction;
  /** (x, ẋ) ↦ (f(x), J(x) ẋ), both one after the other in one array: its derivative holds that of J. */
  readonly withTangent: LayerFunction;
}

/** Layers one after the other, as one; none at all is the identity. */
export function inOrder(layers: readonly DifferentiableLayer[]): DifferentiableLayer {
  return {
    value: sequence(layers.map(({ value }) => value)),
    withTangent: sequence(layers.map(({ withTangent }) => withTangent)),
  };
}

/**
 * A layer without parameters by its first and its second derivative.
 *
 * @param bend - for x and ẋ the linear map v ↦ ∂/∂x (J(x) ẋ) v.
 */
export function curved(
  value: LayerFunction,
  bend: (x: Float64Array, tangent: Float64Array) => LinearMap,
): DifferentiableLayer {
  const halves = (both: Float64Array) => parts(both, 2) as readonly [Float64Array, Float64Array];
  return {
    value,
    withTangent: (both) => {
      const [x, tangent] = halves(both);
      const { y, jvp, vjp } = value(x);
      const second = bend(x, tangent);
      return {
        y: joined([y, jvp(tangent)]),
        jvp: (change) => {
          const [ofX, ofTangent] = halves(change);
          return joined([jvp(ofX), added(second.jvp(ofX), jvp(ofTangent))]);
        },
        vjp: (cotangents) => {
          const [ofY, ofProduct] = halves(cotangents);
          return joined([added(vjp(ofY), second.vjp(ofProduct)), vjp(ofProduct)]);
        },
      };
    },
  };
}
