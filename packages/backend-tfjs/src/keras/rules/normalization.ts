import { isArray } from '../json.ts';
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
