import type { Layer } from '@edjm/network';
import type { Tensor } from '@tensorflow/tfjs';
import type { Tf } from '../engines/tf.ts';
import { logisticSlope, reluSlope, tanhSlope } from '../tape/slopes.ts';
import { type TensorLayer, timesEach } from './tensorLayer.ts';

/** Layers that act on each value alone. */
export type ActivationLayer = Extract<
  Layer,
  {
    type: 'relu' | 'leakyRelu' | 'elu' | 'celu' | 'selu' | 'sigmoid' | 'tanh' | 'softplus' | 'gelu';
  }
>;

/** A function of each value alone, and its slope. */
interface Curve {
  readonly f: (x: Tensor) => Tensor;
  readonly slope: (x: Tensor) => Tensor;
}

const SELU_SCALE = 1.0507009873554805;
const SELU_ALPHA = 1.6732632423543772;
const GELU_SCALE = Math.sqrt(2 / Math.PI);
const GELU_CUBIC = 0.044715;

/** An activation as a function of tensors; in training, values behind it are dropped. */
export function activation(tf: Tf, layer: ActivationLayer): TensorLayer {
  const { f, slope } = curve(tf, layer);
  return {
    run: (x, training) => (training === undefined ? f(x) : training.dropHidden(f(x))),
    jvp: ({ primal: x, tangents }) => ({ primal: f(x), tangents: timesEach(tangents, slope(x)) }),
  };
}

function curve(tf: Tf, layer: ActivationLayer): Curve {
  switch (layer.type) {
    case 'relu':
      return { f: (x) => x.relu(), slope: (x) => reluSlope(tf, x) };
    case 'leakyRelu':
      return {
        f: (x) => x.leakyRelu(layer.alpha),
        slope: (x) =>
          reluSlope(tf, x)
            .mul(1 - layer.alpha)
            .add(layer.alpha),
      };
    case 'elu':
      return exponentialUnit(tf, { above: 1, below: layer.alpha, length: 1 });
    case 'celu':
      return exponentialUnit(tf, { above: 1, below: layer.alpha, length: layer.alpha });
    case 'selu':
      return {
        ...exponentialUnit(tf, { above: SELU_SCALE, below: SELU_SCALE * SELU_ALPHA, length: 1 }),
        f: (x) => x.selu(),
      };
    case 'sigmoid':
      return { f: (x) => x.sigmoid(), slope: (x) => logisticSlope(tf, x) };
    case 'tanh':
      return { f: (x) => x.tanh(), slope: (x) => tanhSlope(tf, x) };
    case 'softplus':
      return { f: (x) => x.softplus(), slope: (x) => x.sigmoid() };
    case 'gelu':
      return layer.approximate === 'none' ? gelu : approximateGelu(tf);
  }
}

/** above · x for x > 0, below · (e^{x / length} − 1) otherwise. */
function exponentialUnit(
  tf: Tf,
  { above, below, length }: { readonly above: number; readonly below: number; readonly length: number },
): Curve {
  const negative = (x: Tensor) => tf.minimum(x, 0).div(length);
  return {
    f: (x) => x.relu().mul(above).add(negative(x).expm1().mul(below)),
    slope: (x) => {
      const positive = reluSlope(tf, x);
      const exponential = negative(x)
        .exp()
        .mul(below / length);
      return positive.mul(above).add(exponential.mul(tf.sub(1, positive)));
    },
  };
}

/** x Φ(x), with the slope Φ(x) + x φ(x). */
const gelu: Curve = {
  f: (x) => x.mul(normalShare(x)),
  slope: (x) => normalShare(x).add(x.mul(x.square().div(-2).exp()).div(Math.sqrt(2 * Math.PI))),
};

/** Φ(x). */
function normalShare(x: Tensor): Tensor {
  return x.div(Math.SQRT2).erf().add(1).div(2);
}

/** ½ x (1 + tanh u), with the slope ½ (1 + tanh u + x u′ / cosh²u). */
function approximateGelu(tf: Tf): Curve {
  const inner = (x: Tensor) => x.add(x.square().mul(x).mul(GELU_CUBIC)).mul(GELU_SCALE);
  return {
    f: (x) => x.mul(inner(x).tanh().add(1)).div(2),
    slope: (x) => {
      const u = inner(x);
      const rise = x
        .square()
        .mul(3 * GELU_CUBIC)
        .add(1)
        .mul(GELU_SCALE);
      return u
        .tanh()
        .add(1)
        .add(x.mul(rise).mul(tanhSlope(tf, u)))
        .div(2);
    },
  };
}
