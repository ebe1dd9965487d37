import { first, type OwnKind } from './ownLayer.ts';

/** Activations with options, merges, and pooling that keeps axes. */
export const simpleKinds: Readonly<Record<string, OwnKind>> = {
  ELU: {
    call: (tf, call) => {
      const x = first(call);
      const below = tf.mul(tf.expm1(tf.minimum(x, 0)), Number(call.config.options['alpha']));
      return tf.where(tf.greater(x, 0), x, below);
    },
  },

  /** x from the threshold on, slope (x − threshold) below, and at most the limit. */
  ReLU: {
    call: (tf, call) => {
      const x = first(call);
      const { slope, threshold, limit } = call.config.options as Readonly<Record<string, number>>;
      const bend = threshold ?? 0;
      const above = tf.where(tf.greater(x, bend), x, tf.zerosLike(x));
      const limited =
        bend === 0 && limit === 6 ? tf.relu6(x) : tf.clipByValue(above, -Infinity, limit ?? Infinity);
      const upper = limit === undefined ? above : limited;
      return tf.sub(upper, tf.mul(tf.relu(tf.sub(bend, x)), slope ?? 0));
    },
  },

  Softmax: {
    call: (tf, call) => {
      const x = first(call);
      const axis = Number(call.config.options['axis']);
      const order = x.shape.map((_, i) => i);
      order.push(...order.splice(axis < 0 ? axis + x.rank : axis, 1));
      return tf.transpose(
        tf.softmax(tf.transpose(x, order)),
        order.map((_, i) => order.indexOf(i)),
      );
    },
  },

  Subtract: { call: (tf, call) => tf.sub(first(call), call.inputs[1] ?? 0) },

  /** Over the axes of images, which are kept with one value each. */
  GlobalPooling: {
    shape: ([input = []], { options }) => {
      const axes = options['axes'] as readonly number[];
      return input.map((size, i) => (axes.includes(i) ? 1 : size));
    },
    call: (tf, call) => {
      const axes = [...(call.config.options['axes'] as readonly number[])];
      return call.config.options['max'] === true
        ? tf.max(first(call), axes, true)
        : tf.mean(first(call), axes, true);
    },
  },

  /** x scale + offset, with numbers, or one of each for each channel. */
  Affine: {
    call: (tf, call) => {
      const { scale, offset } = call.config.options as Readonly<Record<string, number[] | number>>;
      return tf.add(tf.mul(first(call), scale ?? 1), offset ?? 0);
    },
  },
  LayerScale: { call: (tf, call) => tf.mul(first(call), call.weights['gamma'] ?? 1) },
};
