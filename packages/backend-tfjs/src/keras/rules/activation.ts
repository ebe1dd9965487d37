import { isArray } from '../json.ts';
import { own } from '../layers/ownLayer.ts';
import type { LayerFields, Shape } from '../topology/layerFields.ts';
import type { LayerRules, TfjsLayer } from './rule.ts';

/** Activations that are layers. */
export const activationRules: LayerRules = {
  Activation: (fields) => ({ config: { activation: fields.activation('activation') } }),

  // Keras 3 calls it negative_slope, Keras 2 and TensorFlow.js alpha.
  LeakyReLU: (fields) => {
    const slope = fields.number('negative_slope', fields.number('alpha', 0.3));
    return { config: { alpha: slope } };
  },

  /** f(x) = min(max(x, 0), max_value), with a slope below 0 and a threshold besides. */
  ReLU: (fields) => {
    const slope = fields.number('negative_slope', 0);
    const threshold = fields.number('threshold', 0);
    const limit = fields.raw('max_value') === undefined ? undefined : fields.number('max_value');
    if (threshold !== 0 || (slope !== 0 && limit !== undefined)) {
      return own('ReLU', { slope, threshold, ...(limit !== undefined && { limit }) });
    }
    // The name has the slope 0 at 6 in Keras, a limit otherwise 1.
    if (slope === 0 && limit === 6) return { className: 'Activation', config: { activation: 'relu6' } };
    if (slope === 0) return { config: limit === undefined ? {} : { max_value: limit } };
    return { className: 'LeakyReLU', config: { alpha: slope } };
  },

  ELU: (fields) => {
    const alpha = fields.number('alpha', 1);
    return alpha === 1 ? { config: {} } : own('ELU', { alpha });
  },

  ThresholdedReLU: (fields) => ({ config: { theta: fields.number('theta', 1) } }),

  PReLU: (fields) => {
    const axes = fields.raw('shared_axes') === undefined ? undefined : fields.integers('shared_axes');
    const shape = sharedShape(fields.inputShape, axes ?? []);
    return {
      config: axes === undefined ? {} : { shared_axes: axes },
      arrays: [{ name: 'alpha', ...(shape === undefined ? {} : { shape }) }],
    };
  },

  Softmax: softmax,
};

/**
 * If no axis is given, Keras takes the last, and TensorFlow.js the first. For a single axis TensorFlow.js accepts the last
 * only.
 */
function softmax(fields: LayerFields): TfjsLayer {
  const value = fields.raw('axis');
  const rank = fields.inputShape?.length;
  const axes = isArray(value) ? fields.integers('axis') : [fields.integer('axis', -1)];
  if (axes.length > 1) return { config: { axis: axes } };
  const [axis = -1] = axes;
  if (axis !== -1 && axis !== (rank ?? 0) - 1) return own('Softmax', { axis });
  return { config: { axis } };
}

/** One slope for each value of a sample, and one alone along an axis that shares it. */
function sharedShape(inputShape: Shape | undefined, axes: readonly number[]): Shape | undefined {
  return inputShape?.slice(1).map((size, index) => (axes.includes(index + 1) ? 1 : size));
}
