import type { GeluLayer, Layer, ParametricActivationLayer, PlainLayer } from '@edjm/network';
import { curved, type DifferentiableLayer } from '../differentiableLayer.ts';
import { diagonal } from '../layerFunction.ts';
import { erf } from './erf.ts';

/** A function of one number, and its first and second derivative. */
interface ScalarFunction {
  readonly value: (x: number) => number;
  readonly slope: (x: number) => number;
  readonly bend: (x: number) => number;
}

/** Layers that act on each value alone. */
export type ElementwiseLayer =
  ParametricActivationLayer | GeluLayer | PlainLayer<'relu' | 'selu' | 'sigmoid' | 'tanh' | 'softplus'>;

const ELEMENTWISE: Readonly<Record<ElementwiseLayer['type'], true>> = {
  relu: true,
  leakyRelu: true,
  elu: true,
  celu: true,
  selu: true,
  sigmoid: true,
  tanh: true,
  softplus: true,
  gelu: true,
};

/** Whether a layer acts on each value alone, without parameters. */
export function isElementwise(layer: Layer): layer is ElementwiseLayer {
  return layer.type in ELEMENTWISE;
}

/** The layer that applies an activation to each value; its Jacobian is diagonal. */
export function elementwise(layer: ElementwiseLayer): DifferentiableLayer {
  const { value, slope, bend } = scalarFunction(layer);
  return curved(
    (x) => ({ y: x.map(value), ...diagonal(x.map(slope)) }),
    (x, tangent) => diagonal(x.map((entry, i) => bend(entry) * (tangent[i] as number))),
  );
}

function scalarFunction(layer: ElementwiseLayer): ScalarFunction {
  switch (layer.type) {
    case 'relu':
      return { value: (x) => Math.max(x, 0), slope: (x) => (x > 0 ? 1 : 0), bend: () => 0 };
    case 'leakyRelu':
      return {
        value: (x) => (x > 0 ? x : layer.alpha * x),
        slope: (x) => (x > 0 ? 1 : layer.alpha),
        bend: () => 0,
      };
    case 'elu':
      return exponentialUnit({ above: 1, below: layer.alpha, length: 1 });
    case 'celu':
      return exponentialUnit({ above: 1, below: layer.alpha, length: layer.alpha });
    case 'selu':
      return exponentialUnit({ above: SELU_SCALE, below: SELU_SCALE * SELU_ALPHA, length: 1 });
    case 'sigmoid':
      return { value: sigmoid, slope: sigmoidSlope, bend: (x) => sigmoidSlope(x) * (1 - 2 * sigmoid(x)) };
    case 'tanh':
      return { value: Math.tanh, slope: tanhSlope, bend: (x) => -2 * Math.tanh(x) * tanhSlope(x) };
    case 'softplus':
      return {
        value: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
        slope: sigmoid,
        bend: sigmoidSlope,
      };
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
    bend: (x) => (x > 0 ? 0 : (below / length ** 2) * Math.exp(x / length)),
  };
}

function sigmoid(x: number): number {
  return x > 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x));
}

function sigmoidSlope(x: number): number {
  return sigmoid(x) * sigmoid(-x);
}

function tanhSlope(x: number): number {
  return 1 - Math.tanh(x) ** 2;
}

/** x Φ(x), with derivatives Φ(x) + x φ(x) and (2 − x²) φ(x). */
const GELU: ScalarFunction = {
  value: (x) => x * normalDistribution(x),
  slope: (x) => normalDistribution(x) + x * normalDensity(x),
  bend: (x) => (2 - x ** 2) * normalDensity(x),
};

function normalDensity(x: number): number {
  return Math.exp(-(x ** 2) / 2) / Math.sqrt(2 * Math.PI);
}

function normalDistribution(x: number): number {
  return (1 + erf(x / Math.SQRT2)) / 2;
}

const GELU_SCALE = Math.sqrt(2 / Math.PI);
const GELU_CUBIC = 0.044715;

/** ½ x (1 + tanh(u)) with u = √(2/π) (x + 0.044715 x³). */
const GELU_TANH: ScalarFunction = {
  value: (x) => (x * (1 + Math.tanh(geluArgument(x)))) / 2,
  slope: (x) => (1 + Math.tanh(geluArgument(x)) + x * tanhSlope(geluArgument(x)) * geluArgumentSlope(x)) / 2,
  bend: (x) => {
    const slope = geluArgumentSlope(x);
    const bend = 6 * GELU_SCALE * GELU_CUBIC * x;
    return tanhSlope(geluArgument(x)) * (slope + x * (bend / 2 - Math.tanh(geluArgument(x)) * slope ** 2));
  },
};

function geluArgument(x: number): number {
  return GELU_SCALE * (x + GELU_CUBIC * x ** 3);
}

function geluArgumentSlope(x: number): number {
  return GELU_SCALE * (1 + 3 * GELU_CUBIC * x ** 2);
}
