import type { Tensor } from '@tensorflow/tfjs';
import type { Tf } from '../../engines/tf.ts';
import { first, type OwnKind } from './ownLayer.ts';

/** Normalizations. */
export const normalizationKinds: Readonly<Record<string, OwnKind>> = {
  /** Mean 0 and variance 1 for each group of channels, over all other axes. */
  GroupNormalization: {
    call: (tf, call) => {
      const x = first(call);
      const { axis, groups, epsilon } = call.config.options as {
        axis: number;
        groups: number;
        epsilon: number;
      };
      const at = axis < 0 ? axis + x.rank : axis;
      const channels = x.shape[at] ?? 1;
      const count = groups === -1 ? channels : groups;
      const grouped = tf.reshape(x, [
        ...x.shape.slice(0, at),
        count,
        channels / count,
        ...x.shape.slice(at + 1),
      ]);
      const axes = grouped.shape.flatMap((_, i) => (i === 0 || i === at ? [] : [i]));
      const centered = tf.sub(grouped, tf.mean(grouped, axes, true));
      const variance = tf.mean(tf.square(centered), axes, true);
      const normalized = tf.mul(centered, tf.rsqrt(tf.add(variance, epsilon))).reshape(x.shape);
      const along = x.shape.map((_, i) => (i === at ? channels : 1));
      return scaled(tf, normalized, { ...call.weights, along });
    },
  },

  /** x / ‖x‖, with a norm of at least 10⁻¹². */
  UnitNormalization: {
    call: (tf, call) => {
      const x = first(call);
      const squares = tf.sum(tf.square(x), [...(call.config.options['axes'] as readonly number[])], true);
      return tf.mul(x, tf.rsqrt(tf.maximum(squares, 1e-24)));
    },
  },

  RMSNormalization: {
    call: (tf, call) => {
      const x = first(call);
      const { axis, epsilon } = call.config.options as { axis: number; epsilon: number };
      const at = axis < 0 ? axis + x.rank : axis;
      const squares = tf.mean(tf.square(x), at, true);
      const along = x.shape.map((size, i) => (i === at ? size : 1));
      return scaled(tf, tf.mul(x, tf.rsqrt(tf.add(squares, epsilon))), { ...call.weights, along });
    },
  },

  /** (x − mean) / max(√variance, 10⁻⁷). */
  Normalization: {
    call: (tf, call) => {
      const { mean, variance } = call.weights;
      const x = first(call);
      if (mean === undefined || variance === undefined) return x;
      const axes = call.config.options['axes'] as readonly number[];
      const shape = x.shape.map((size, i) =>
        axes.some((axis) => i === (axis < 0 ? axis + x.rank : axis)) ? size : 1,
      );
      const spread = tf.maximum(tf.sqrt(variance), 1e-7);
      return tf.div(tf.sub(x, mean.reshape(shape)), spread.reshape(shape));
    },
  },
};

/** Factors and offsets along an axis. */
interface Scaling {
  readonly gamma?: Tensor;
  readonly beta?: Tensor;
  readonly along: number[];
}

function scaled(tf: Tf, x: Tensor, { gamma, beta, along }: Scaling): Tensor {
  const product = gamma === undefined ? x : tf.mul(x, gamma.reshape(along));
  return beta === undefined ? product : tf.add(product, beta.reshape(along));
}
