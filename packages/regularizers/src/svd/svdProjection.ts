import type { ParameterValues, Projection } from '@edjm/core';
import { type DenseMatrix, multiply, transposed } from '@edjm/linalg';
import { parameterOf } from './singularValueParameters.ts';
import type { SvdLayer } from './svdGroups.ts';
import { productOfTerms, svdTerms, type SvdTerms } from './svdTerms.ts';
import { weightMatrix, withValues } from '../weights/weightMatrix.ts';

/** The parameters of an SVD layer, or their velocities. */
interface Values {
  readonly v: ParameterValues;
  readonly s: ParameterValues;
  readonly u: ParameterValues;
}

/**
 * Makes the factors of SVD layers a singular value decomposition again after they were updated one by one: U diag(s) V = SVD(U′ diag(s′) V′). The network
 * computes the same; U and V become orthonormal, s descending and not negative.
 *
 * Velocities rotate with the factors, which rotate by A = U′ᵀU and B = V V′ᵀ: v_U ← v_U A, v_V ← B v_V, v_s ← diag(Aᵀ diag(v_s) Bᵀ).
 */
export function svdProjection(layers: readonly SvdLayer[], every: number | 'epoch'): Projection {
  return {
    every,
    parameterNames: layers.flatMap(({ v, s, u }) => [v, s, u]),
    apply: (parameters, velocities) => {
      const changed = new Map<string, ParameterValues>();
      const rotated = new Map<string, ParameterValues>();
      for (const layer of layers) {
        const before = valuesOf(layer, parameters);
        const terms = decomposed(before);
        put(changed, layer, { from: before, to: parametersOf(terms) });
        const velocity = velocitiesOf(layer, velocities, before);
        if (velocity === undefined) continue;
        put(rotated, layer, { from: velocity, to: rotatedVelocity(before, terms, velocity) });
      }
      return { parameters: changed, velocities: rotated };
    },
  };
}

/** Arrays for U, s and V. */
type Arrays = Readonly<Record<keyof Values, Float64Array>>;

function decomposed({ v, s, u }: Values): SvdTerms {
  const left = transposed(weightMatrix(u));
  const product = productOfTerms(left, s.data, weightMatrix(v));
  return svdTerms(product, s.data.length);
}

function parametersOf({ left, values, right }: SvdTerms): Arrays {
  return { u: transposed(left).data, s: values, v: right.data };
}

function rotatedVelocity(before: Values, { left, right }: SvdTerms, velocity: Values): Arrays {
  const a = multiply(weightMatrix(before.u), left, { transposeA: true, transposeB: true });
  const b = multiply(right, weightMatrix(before.v), { transposeB: true });
  return {
    u: multiply(weightMatrix(velocity.u), a).data,
    s: diagonalOfProduct(a, velocity.s.data, b),
    v: multiply(b, weightMatrix(velocity.v)).data,
  };
}

/** diag(Aᵀ diag(x) Bᵀ). */
function diagonalOfProduct(a: DenseMatrix, x: ArrayLike<number>, b: DenseMatrix): Float64Array {
  const order = a.rows;
  return Float64Array.from({ length: order }, (_, i) => {
    let sum = 0;
    for (let k = 0; k < order; k++) {
      sum += (a.data[k * order + i] as number) * (x[k] as number) * (b.data[i * order + k] as number);
    }
    return sum;
  });
}

function valuesOf({ v, s, u }: SvdLayer, parameters: ReadonlyMap<string, ParameterValues>): Values {
  return { v: parameterOf(parameters, v), s: parameterOf(parameters, s), u: parameterOf(parameters, u) };
}

/** Velocities of the three factors. A missing one counts as 0; if all are missing, the result is undefined. */
function velocitiesOf(
  { v, s, u }: SvdLayer,
  velocities: ReadonlyMap<string, ParameterValues>,
  like: Values,
): Values | undefined {
  if (![v, s, u].some((name) => velocities.has(name))) return undefined;
  const of = (name: string, parameter: ParameterValues): ParameterValues =>
    velocities.get(name) ?? withValues(parameter, new Float64Array(parameter.data.length));
  return { v: of(v, like.v), s: of(s, like.s), u: of(u, like.u) };
}

function put(
  target: Map<string, ParameterValues>,
  layer: SvdLayer,
  { from, to }: { readonly from: Values; readonly to: Arrays },
): void {
  for (const part of ['v', 's', 'u'] as const) target.set(layer[part], withValues(from[part], to[part]));
}
