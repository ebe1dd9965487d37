import type { Layer } from '@edjm/network';
import type { Tensor } from '@tensorflow/tfjs';
import type { Tf } from '../engines/engine.ts';

/** Layers that act on each value alone. */
export type ActivationLayer = Extract<
  Layer,
  {
    type: 'relu' | 'leakyRelu' | 'elu' | 'celu' | 'selu' | 'sigmoid' | 'tanh' | 'softplus' | 'gelu';
  }
>;

const GELU_SCALE = Math.sqrt(2 / Math.PI);
const GELU_CUBIC = 0.044715;

/** An activation as a function of tensors. */
export function activation(tf: Tf, layer: ActivationLayer): (x: Tensor) => Tensor {
  switch (layer.type) {
    case 'relu':
      return (x) => x.relu();
    case 'leakyRelu':
      return (x) => x.leakyRelu(layer.alpha);
    case 'elu':
      return (x) => exponentialUnit(tf, x, { below: layer.alpha, length: 1 });
    case 'celu':
      return (x) => exponentialUnit(tf, x, { below: layer.alpha, length: layer.alpha });
    case 'selu':
      return (x) => x.selu();
    case 'sigmoid':
      return (x) => x.sigmoid();
    case 'tanh':
      return (x) => x.tanh();
    case 'softplus':
      return (x) => x.softplus();
    case 'gelu':
      return layer.approximate === 'none'
        ? (x) => x.mul(x.div(Math.SQRT2).erf().add(1)).div(2)
        : (x) => {
            const inner = x.add(x.square().mul(x).mul(GELU_CUBIC)).mul(GELU_SCALE);
            return x.mul(inner.tanh().add(1)).div(2);
          };
  }
}

/** x for x > 0, below · (e^{x / length} − 1) otherwise. */
function exponentialUnit(
  tf: Tf,
  x: Tensor,
  { below, length }: { readonly below: number; readonly length: number },
): Tensor {
  const negative = tf.minimum(x, 0);
  return x.relu().add(negative.div(length).expm1().mul(below));
}
