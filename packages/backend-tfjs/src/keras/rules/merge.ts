import { isArray } from '../json.ts';
import { own } from '../layers/ownLayer.ts';
import type { LayerRules } from './rule.ts';

/** Layers of several inputs. */
export const mergeRules: LayerRules = {
  Add: () => ({ config: {} }),
  Average: () => ({ config: {} }),
  Maximum: () => ({ config: {} }),
  Minimum: () => ({ config: {} }),
  Subtract: () => own('Subtract'),
  Multiply: () => ({ config: {} }),
  Concatenate: (fields) => ({ config: { axis: fields.integer('axis', -1) } }),
  Dot: (fields) => {
    // Vectors of almost no length are normalized otherwise.
    fields.only('normalize', false);
    return {
      config: { axes: isArray(fields.raw('axes')) ? fields.integers('axes') : fields.integer('axes') },
    };
  },
};
