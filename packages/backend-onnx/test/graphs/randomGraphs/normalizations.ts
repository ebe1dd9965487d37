import type { Drawing } from './drawing.ts';
import { float, int, some, type Recipe, type Recipes } from './recipe.ts';

/** Large enough that values which are nearly equal do not blow up. */
const EPSILON = { epsilon: float(0.05) };

/** A vector of the given length: one that is there or a new one. */
function vector(drawing: Drawing, length: number): string {
  return drawing.tensor({ ranks: [1, 1], where: ([size]) => size === length, fresh: () => [length] });
}

const layerNormalization: Recipe = {
  draw: (drawing) => {
    const x = drawing.tensor({ ranks: [1, 4] });
    const shape = drawing.shapeOf(x);
    const axis = drawing.axis(shape.length);
    const normalized = shape.slice(axis);
    const inputs = [x, drawing.shaped(normalized), ...(drawing.flag() ? [drawing.shaped(normalized)] : [])];
    const attributes = { ...EPSILON, axis: int(axis) };
    const [y, ...statistics] = drawing.emitAll('LayerNormalization', inputs, {
      attributes,
      bound: 5,
      // The statistics are float32 whatever was normalized.
      outputs: drawing.precision === 'float32' && drawing.below(3) === 2 ? 3 : 1,
    });
    return [...statistics, y!];
  },
  since: 17,
};

const batchNormalization: Recipe = {
  draw: (drawing) => {
    const x = drawing.tensor({ ranks: [2, 5] });
    const channels = drawing.shapeOf(x)[1]!;
    const vectors = Array.from({ length: 3 }, () => vector(drawing, channels));
    const variance = drawing.positive(vector(drawing, channels));
    return drawing.emit('BatchNormalization', [x, ...vectors, variance], {
      attributes: some(drawing, EPSILON),
      bound: 2 * (drawing.boundOf(x) + 2),
    });
  },
  since: 15,
};

const instanceNormalization: Recipe = {
  draw: (drawing) => {
    const x = drawing.tensor({ ranks: [3, 5] });
    const channels = drawing.shapeOf(x)[1]!;
    return drawing.emit('InstanceNormalization', [x, vector(drawing, channels), vector(drawing, channels)], {
      attributes: EPSILON,
      bound: 5,
    });
  },
  single: true,
};

/** Numbers whose mean square is not 0 by design. */
const offCenter = (drawing: Drawing, x: string): string =>
  drawing.emit('Add', [x, drawing.fresh(drawing.shapeOf(x))], { bound: drawing.boundOf(x) + 1 });

const groupNormalization: Recipe = {
  draw: (drawing) => {
    const x = drawing.tensor({
      ranks: [3, 5],
      where: (shape) => shape[1]! % 2 === 0,
      fresh: () => [1, 4, drawing.between(1, 4)],
    });
    const channels = drawing.shapeOf(x)[1]!;
    const groups = drawing.between(1, 2);
    const size = drawing.opset >= 21 ? channels : groups;
    return drawing.emit('GroupNormalization', [x, vector(drawing, size), vector(drawing, size)], {
      attributes: { ...EPSILON, num_groups: int(groups) },
      bound: 6,
    });
  },
  since: 18,
  lacks: 'float64',
};

const rmsNormalization = (opType: string): Recipe => ({
  draw: (drawing) => {
    const x = drawing.tensor({ ranks: [1, 4] });
    const shape = drawing.shapeOf(x);
    const axis = opType === 'RMSNormalization' ? drawing.axis(shape.length) : -1;
    const normalized = shape.slice(axis);
    const scale = drawing.shaped(normalized);
    return drawing.emit(opType, [x, scale], { attributes: { ...EPSILON, axis: int(axis) }, bound: 5 });
  },
});

const lpNormalization: Recipe = {
  draw: (drawing) => {
    const x = drawing.positive(drawing.tensor({ ranks: [1, 4] }));
    const attributes = some(drawing, {
      axis: int(drawing.axis(drawing.shapeOf(x).length)),
      p: int(drawing.between(1, 2)),
    });
    return drawing.emit('LpNormalization', [x], { attributes, bound: 1 });
  },
};

/** Over at least four numbers, since it has no derivative if all are equal. */
const meanVarianceNormalization: Recipe = {
  draw: (drawing) => {
    const shape = [drawing.between(1, 2), drawing.between(1, 3), 2, drawing.between(2, 3)];
    const x = offCenter(drawing, drawing.shaped(shape));
    return drawing.emit('MeanVarianceNormalization', [x], {
      attributes: some(drawing, { axes: { ints: [-1, 2, drawing.below(2)] } }),
      bound: 4,
    });
  },
  lacks: 'float64',
};

/** Normalizations. */
export const normalizationRecipes: Recipes = {
  LayerNormalization: layerNormalization,
  BatchNormalization: batchNormalization,
  InstanceNormalization: instanceNormalization,
  GroupNormalization: groupNormalization,
  RMSNormalization: { ...rmsNormalization('RMSNormalization'), since: 23 },
  SimplifiedLayerNormalization: rmsNormalization('SimplifiedLayerNormalization'),
  'com.microsoft.SimplifiedLayerNormalization': {
    ...rmsNormalization('com.microsoft.SimplifiedLayerNormalization'),
    lacks: 'every kernel',
  },
  LpNormalization: lpNormalization,
  MeanVarianceNormalization: meanVarianceNormalization,
};
