import { isArray } from '../json.ts';
import { own } from '../layers/ownLayer.ts';
import type { LayerFields, Shape } from '../topology/layerFields.ts';
import type { LayerArray } from '../weights/layerWeights.ts';
import type { LayerRules } from './rule.ts';

/** Normalizations, as they are after training. */
export const normalizationRules: LayerRules = {
  /** gamma (x - moving mean) / sqrt(moving variance + epsilon) + beta. */
  BatchNormalization: (fields) => {
    const axis = fields.integer('axis', -1);
    fields.only('renorm', false);
    fields.ignore(
      'momentum',
      'fused',
      'synchronized',
      'virtual_batch_size',
      'renorm_clipping',
      'renorm_momentum',
    );
    const shape = [fields.inputShape?.at(axis) ?? null];
    const scaled = scaling(fields, shape);
    return {
      config: { axis, ...scaled.config },
      arrays: [
        ...scaled.arrays,
        { name: 'moving_mean', shape, isTrained: false },
        { name: 'moving_variance', shape, isTrained: false },
      ],
    };
  },

  LayerNormalization: (fields) => {
    const axes = isArray(fields.raw('axis')) ? fields.integers('axis') : [fields.integer('axis', -1)];
    fields.only('rms_scaling', false);
    const scaled = scaling(
      fields,
      axes.map((axis) => fields.inputShape?.at(axis) ?? null),
    );
    return { config: { axis: axes, ...scaled.config }, arrays: scaled.arrays };
  },

  /** Layer normalization over groups of channels. */
  GroupNormalization: (fields) => {
    const axis = fields.integer('axis', -1);
    const groups = fields.integer('groups', 32);
    const scaled = scaling(fields, [fields.inputShape?.at(axis) ?? null]);
    return own('GroupNormalization', { axis, groups, epsilon: scaled.config.epsilon }, scaled.arrays);
  },

  UnitNormalization: (fields) => {
    const axes = isArray(fields.raw('axis')) ? fields.integers('axis') : [fields.integer('axis', -1)];
    return own('UnitNormalization', { axes });
  },

  RMSNormalization: (fields) => {
    // Keras multiplies by the scales along the last axis, whichever it normalizes.
    fields.only('axis', -1, (fields.inputShape?.length ?? 0) - 1);
    const axis = fields.integer('axis', -1);
    const shape = [fields.inputShape?.at(axis) ?? null];
    const epsilon = fields.number('epsilon', 1e-6);
    return own('RMSNormalization', { axis, epsilon }, [{ name: 'gamma', alias: 'scale', shape }]);
  },

  /** With a mean and a variance that are given as numbers, or that were learned from data. */
  Normalization: (fields) => {
    fields.only('invert', false);
    const rank = fields.inputShape?.length ?? 0;
    const given = fields.raw('axis') === undefined ? [] : fields.raw('axis');
    const axes = (isArray(given) ? fields.integers('axis') : [fields.integer('axis')]).toSorted(
      (a, b) => (a < 0 ? a + rank : a) - (b < 0 ? b + rank : b),
    );
    if (fields.raw('mean') !== undefined || fields.raw('variance') !== undefined) {
      throw fields.unsupported('mean', fields.raw('mean'));
    }
    const shape = axes.map((axis) => fields.inputShape?.at(axis) ?? null);
    return own('Normalization', { axes, axis: axes[0] ?? -1 }, [
      { name: 'mean', shape, isTrained: false },
      { name: 'variance', shape, isTrained: false },
      { name: 'count', shape: [], isTrained: false, isIdle: true },
    ]);
  },
};

interface Scaling {
  readonly config: { readonly epsilon: number; readonly center: boolean; readonly scale: boolean };
  readonly arrays: readonly LayerArray[];
}

function scaling(fields: LayerFields, shape: Shape): Scaling {
  const center = fields.flag('center', true);
  const scale = fields.flag('scale', true);
  const arrays = [...(scale ? [{ name: 'gamma', shape }] : []), ...(center ? [{ name: 'beta', shape }] : [])];
  return { config: { epsilon: fields.number('epsilon', 1e-3), center, scale }, arrays };
}
