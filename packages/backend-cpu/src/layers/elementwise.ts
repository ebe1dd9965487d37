import type { GeluLayer, ParametricActivationLayer, PlainLayer } from '@edjm/network';
import type { LayerFunction } from '../layerFunction.ts';
import { erf } from './erf.ts';

/** A function of one number, and its derivative. */
interface ScalarFunction {
  readonly value: (x: number) => number;
  readonly slope: (x: number) => number;
}

/** Layers that act on each value alone. */
export type ElementwiseLayer =
  ParametricActivationLayer | GeluLayer | PlainLayer<'relu' | 'selu' | 'sigmoid' | 'tanh' | 'softplus'>;

/** The layer that applies an activation to each value; its Jacobian is diagonal. */
export function elementwise(layer: ElementwiseLayer): LayerFunction {
  const { value, slope } = scalarFunction(layer);
  return (x) => {
    const slopes = x.map(slope);
    const multiply = (v: Float64Array): Float64Array => v.map((entry, i) => entry * (slopes[i] as number));
    return { y: x.map(value), jvp: multiply, vjp: multiply };
  };
}

function scalarFunction(layer: ElementwiseLayer): ScalarFunction {
  switch (layer.type) {
    case 'relu':
      return { value: (x) => Math.max(x, 0), slope: (x) => (x > 0 ? 1 : 0) };
    case 'leakyRelu':
      return { value: (x) => (x > 0 ? x : layer.alpha * x), slope: (x) => (x > 0 ? 1 : layer.alpha) };
    case 'elu':
      return exponentialUnit({ above: 1, below: layer.alpha, length: 1 });
    case 'celu':
      return exponentialUnit({ above: 1, below: layer.alpha, length: layer.alpha });
    case 'selu':
      return exponentialUnit({ above: SELU_SCALE, below: SELU_SCALE * SELU_ALPHA, length: 1 });
    case 'sigmoid':
      return { value: sigmoid, slope: (x) => sigmoid(x) * sigmoid(-x) };
    case 'tanh':
      return { value: Math.tanh, slope: (x) => 1 - Math.tanh(x) ** 2 };
    case 'softplus':
      return { value: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))), slope: sigmoid };
    case 'gelu':
      return layer.approximate === 'none' ? GELU : GELU_TANH;
  }
}

/** Klambauer et al. 2017, the fixed point for mean 0 and variance 1. */
const SELU_ALPHA = 1.6732632423543772;
const SELU_SCALE = 1.0507009873554805;

/** above · x for x > 0, below · (e^{x / length} − 1) otherwise. */
function exponentialUnit({
  above,
  below,
  length,
}: Record<'above' | 'below' | 'length', number>): ScalarFunction {
  return {
    value: (x) => (x > 0 ? above * x : below * Math.expm1(x / length)),
    slope: (x) => (x > 0 ? above : (below / length) * Math.exp(x / length)),
  };
}

function sigmoid(x: number): number {
  return x > 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x));
}

/** x Φ(x), with derivative Φ(x) + x φ(x). */
const GELU: ScalarFunction = {
  value: (x) => x * normalDistribution(x),
  slope: (x) => normalDistribution(x) + (x * Math.exp(-(x ** 2) / 2)) / Math.sqrt(2 * Math.PI),
};

function normalDistribution(x: number): number {
  return (1 + erf(x / Math.SQRT2)) / 2;
}

const GELU_SCALE = Math.sqrt(2 / Math.PI);
const GELU_CUBIC = 0.044715;

/** ½ x (1 + tanh(u)) with u = √(2/π) (x + 0.044715 x³). */
const GELU_TANH: ScalarFunction = {
  value: (x) => (x * (1 + Math.tanh(GELU_SCALE * (x + GELU_CUBIC * x ** 3)))) / 2,
  slope: (x) => {
    const tanh = Math.tanh(GELU_SCALE * (x + GELU_CUBIC * x ** 3));
    return (1 + tanh + x * (1 - tanh ** 2) * GELU_SCALE * (1 + 3 * GELU_CUBIC * x ** 2)) / 2;
  },
};
