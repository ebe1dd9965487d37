import type { Tensor } from '@tensorflow/tfjs';
import type { Tf } from '../../engines/tf.ts';

type Activation = (tf: Tf, x: Tensor) => Tensor;

const hardSigmoid: Activation = (tf, x) => tf.mul(tf.relu6(tf.add(x, 3)), 1 / 6);

/** Activations of Keras 3 that TensorFlow.js lacks, or computes otherwise, by Keras's names. */
export const ownActivations: Readonly<Record<string, Activation>> = {
  celu: (tf, x) => tf.elu(x),
  exponential: (tf, x) => tf.exp(x),
  gelu: (tf, x) => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1)),
  hard_shrink: (tf, x) => tf.where(tf.greater(tf.abs(x), 0.5), x, tf.zerosLike(x)),
  hard_sigmoid: hardSigmoid,
  hard_silu: (tf, x) => tf.mul(x, hardSigmoid(tf, x)),
  hard_swish: (tf, x) => tf.mul(x, hardSigmoid(tf, x)),
  hard_tanh: (tf, x) => tf.clipByValue(x, -1, 1),
  leaky_relu: (tf, x) => tf.leakyRelu(x, 0.2),
  log_sigmoid: (tf, x) => tf.neg(tf.softplus(tf.neg(x))),
  soft_shrink: (tf, x) => tf.sub(x, tf.clipByValue(x, -0.5, 0.5)),
  sparse_plus: (tf, x) => {
    const curve = tf.mul(tf.square(tf.add(x, 1)), 0.25);
    return tf.where(tf.lessEqual(x, -1), tf.zerosLike(x), tf.where(tf.less(x, 1), curve, x));
  },
  sparse_sigmoid: (tf, x) => {
    const line = tf.mul(tf.add(x, 1), 0.5);
    const above = tf.where(tf.greaterEqual(x, 1), tf.onesLike(x), line);
    return tf.where(tf.lessEqual(x, -1), tf.zerosLike(x), above);
  },
  squareplus: (tf, x) => tf.mul(tf.add(x, tf.sqrt(tf.add(tf.square(x), 4))), 0.5),
  tanh_shrink: (tf, x) => tf.sub(x, tf.tanh(x)),
};

/** The name under which TensorFlow.js knows one of them. */
export function ownName(name: string): string {
  return `keras${name.replaceAll(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase())}`;
}

/** Makes them known by their names. */
export function registerActivations(tf: Tf): void {
  for (const [name, activation] of Object.entries(ownActivations)) {
    tf.serialization.registerClass(
      class extends tf.serialization.Serializable {
        static readonly className = ownName(name);

        apply(x: Tensor): Tensor {
          return tf.tidy(() => activation(tf, x));
        }

        override getConfig(): Record<string, never> {
          return {};
        }
      },
    );
  }
}

/** An activation by the name that it has in TensorFlow.js. */
export function activate(tf: Tf, activation: unknown, x: Tensor): Tensor {
  if (typeof activation !== 'string' || activation === 'linear') return x;
  const name = activation as 'relu';
  return tf.layers.activation({ name: 'activation', activation: name }).call(x, {}) as Tensor;
}
