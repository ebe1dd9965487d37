import { isArray } from '../json.ts';
import { own } from '../layers/ownLayer.ts';
import type { LayerFields } from '../topology/layerFields.ts';
import type { LayerRules, TfjsLayer } from './rule.ts';

/** Pooling, and other layers that change the size of images. */
export const poolingRules: LayerRules = {
  MaxPooling1D: (fields) => pooling(fields, 1),
  MaxPooling2D: (fields) => pooling(fields, 2),
  MaxPooling3D: (fields) => pooling(fields, 3),
  AveragePooling1D: (fields) => pooling(fields, 1),
  AveragePooling2D: (fields) => pooling(fields, 2),
  AveragePooling3D: (fields) => pooling(fields, 3),
  GlobalMaxPooling1D: (fields) => globalPooling(fields, 1),
  GlobalMaxPooling2D: (fields) => globalPooling(fields, 2),
  GlobalAveragePooling1D: (fields) => globalPooling(fields, 1),
  GlobalAveragePooling2D: (fields) => globalPooling(fields, 2),

  ZeroPadding1D: (fields) => {
    fields.only('data_format', 'channels_last');
    return own('ZeroPadding', { margins: [0, 0, ...sides(fields, 'padding', 1)] });
  },
  Cropping1D: (fields) => own('Cropping', { margins: [0, 0, ...sides(fields, 'cropping', 1)] }),
  ZeroPadding3D: (fields) => {
    fields.only('data_format', 'channels_last');
    return own('ZeroPadding', {
      margins: [0, 0, ...margins(fields, 'padding', { fallback: 1, rank: 3 }).flat()],
    });
  },
  Cropping3D: (fields) => {
    fields.only('data_format', 'channels_last');
    return own('Cropping', {
      margins: [0, 0, ...margins(fields, 'cropping', { fallback: 1, rank: 3 }).flat()],
    });
  },

  ZeroPadding2D: (fields) => ({
    config: { padding: margins(fields, 'padding', { fallback: 1, rank: 2 }), data_format: format(fields, 2) },
  }),
  Cropping2D: (fields) => ({
    config: {
      cropping: margins(fields, 'cropping', { fallback: 0, rank: 2 }),
      data_format: format(fields, 1),
    },
  }),

  UpSampling1D: (fields) => own('Repeat', { times: [1, fields.count('size', 2)] }),
  UpSampling3D: (fields) => {
    fields.only('data_format', 'channels_last');
    return own('Repeat', { times: [1, ...fields.sizes('size', 3, 2)] });
  },
  /** Bilinear interpolation samples at other places in TensorFlow.js. */
  UpSampling2D: (fields) => {
    if (fields.choice('interpolation', ['nearest', 'bilinear'], 'nearest') === 'bilinear') {
      fields.only('data_format', 'channels_last');
      const times = fields.sizes('size', 2, 2);
      const size = times.map((factor, axis) => factor * (fields.inputShape?.[axis + 1] ?? NaN));
      if (size.some(Number.isNaN)) throw fields.unsupported('interpolation', 'bilinear');
      return own('Bilinear', { size });
    }
    return { config: { size: fields.sizes('size', 2, 2), data_format: format(fields, 2) } };
  },
};

function pooling(fields: LayerFields, rank: number): TfjsLayer {
  const pool_size = fields.sizes('pool_size', rank, 2);
  const strides = fields.raw('strides') === undefined ? pool_size : fields.sizes('strides', rank);
  const padding = fields.choice('padding', ['valid', 'same'], 'valid');
  return { config: { pool_size, strides, padding, data_format: format(fields, rank) } };
}

function globalPooling(fields: LayerFields, rank: number): TfjsLayer {
  if (fields.flag('keepdims', false)) {
    const axis = format(fields, rank) === 'channels_first' ? 2 : 1;
    const axes = Array.from({ length: rank }, (_, i) => axis + i);
    return own('GlobalPooling', { axes, max: fields.layer.className.includes('Max') });
  }
  return { config: { data_format: format(fields, rank) } };
}

/** Only layers of images follow the format; those of one axis pass over it. */
function format(fields: LayerFields, rank: number): string {
  const formats = rank === 2 ? (['channels_last', 'channels_first'] as const) : (['channels_last'] as const);
  return fields.choice<string>('data_format', formats, 'channels_last');
}

/** [[top, bottom], [left, right]], also given as [rows, columns] or as one number. */
function margins(
  fields: LayerFields,
  key: string,
  { fallback, rank }: { readonly fallback: number; readonly rank: number },
): readonly (readonly [number, number])[] {
  const value = fields.raw(key) ?? fallback;
  const sides = isArray(value) ? value : Array.from({ length: rank }, () => value);
  const pairs = sides.map((side) => (isArray(side) ? side : [side, side]));
  return pairs.length === rank && pairs.every(isPair) ? pairs : fail(fields.unsupported(key, value));
}

/** [before, after], also given as one number. */
function sides(fields: LayerFields, key: string, fallback: number): readonly [number, number] {
  const value = fields.raw(key) ?? fallback;
  const pair = isArray(value) ? value : [value, value];
  return isPair(pair) ? pair : fail(fields.unsupported(key, value));
}

function isPair(value: readonly unknown[]): value is readonly [number, number] {
  return value.length === 2 && value.every((size) => Number.isSafeInteger(size) && Number(size) >= 0);
}

function fail(error: Error): never {
  throw error;
}
