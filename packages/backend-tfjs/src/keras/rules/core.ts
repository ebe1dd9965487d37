import { own } from '../layers/ownLayer.ts';
import type { LayerFields } from '../topology/layerFields.ts';
import { isArray } from '../json.ts';
import type { LayerRules } from './rule.ts';

/** Dense layers, shapes, and layers that do nothing outside of training. */
export const coreRules: LayerRules = {
  Dense: (fields) => {
    const units = fields.count('units');
    const use_bias = fields.flag('use_bias', true);
    const width = fields.inputShape?.at(-1) ?? null;
    return {
      config: { units, use_bias, activation: fields.activation('activation') },
      arrays: [
        { name: 'kernel', shape: [width, units] },
        ...(use_bias ? [{ name: 'bias', shape: [units] }] : []),
      ],
    };
  },

  Embedding: (fields) => {
    const input_dim = fields.count('input_dim');
    const output_dim = fields.count('output_dim');
    fields.only('mask_zero', false);
    const length = fields.raw('input_length');
    return {
      config: { input_dim, output_dim, ...(length === undefined ? {} : { input_length: length }) },
      arrays: [{ name: 'embeddings', shape: [input_dim, output_dim] }],
    };
  },

  Flatten: (fields) => {
    const data_format = fields.choice('data_format', ['channels_last', 'channels_first'], 'channels_last');
    // TensorFlow.js refuses an input that is flat already.
    return fields.inputShape?.length === 2 ? identity : { config: { data_format } };
  },

  Reshape: (fields) => {
    const target = fields.integers('target_shape');
    const size = fields.inputShape?.slice(1).reduce(product, 1) ?? null;
    const known = target.filter((axis) => axis >= 0).reduce((all, axis) => all * axis, 1);
    const free = size === null || known === 0 ? null : size / known;
    // TensorFlow.js finds the size of the free axis when it runs, too late for the layers that follow.
    const sized = target.map((axis, index) =>
      axis < 0 ? (fields.outputShape?.[index + 1] ?? free ?? -1) : axis,
    );
    return { config: { target_shape: sized } };
  },

  Permute: (fields) => ({ config: { dims: fields.integers('dims') } }),
  RepeatVector: (fields) => ({ config: { n: fields.count('n') } }),

  /** With numbers, or with one for each channel. */
  Rescaling: (fields) => {
    if (!isArray(fields.raw('scale')) && !isArray(fields.raw('offset'))) {
      return { config: { scale: fields.number('scale'), offset: fields.number('offset', 0) } };
    }
    return own('Affine', { scale: fields.numbers('scale', 1), offset: fields.numbers('offset', 0) });
  },

  Dropout: dropout,
  SpatialDropout1D: dropout,
  SpatialDropout2D: dropout,
  SpatialDropout3D: dropout,
  AlphaDropout: dropout,
  GaussianDropout: dropout,
  GaussianNoise: (fields) => {
    fields.ignore('stddev', 'seed');
    return identity;
  },
  ActivityRegularization: (fields) => {
    fields.ignore('l1', 'l2');
    return identity;
  },
  Identity: () => identity,
};

const identity = { className: 'Activation', config: { activation: 'linear' } };

/** These layers drop values in training alone. */
function dropout(fields: LayerFields): typeof identity {
  fields.ignore('rate', 'seed', 'noise_shape', 'data_format');
  return identity;
}

function product(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a * b;
}
