import { tensorOf } from '@edjm/onnx-autodiff';
import { sizeOf, type Drawing } from './drawing.ts';
import { float, int, some, string, type Recipe, type Recipes } from './recipe.ts';

/** Indices from −size to size − 1; with `distinct` no place along the axis is named twice. */
function indices(
  drawing: Drawing,
  shape: readonly number[],
  {
    size,
    axis,
    distinct = false,
  }: { readonly size: number; readonly axis: number; readonly distinct?: boolean },
): string {
  const first = drawing.below(size);
  const step = sizeOf(shape.slice(axis + 1));
  const values = Array.from({ length: sizeOf(shape) }, (_, index) => {
    const along = Math.floor(index / step) % shape[axis]!;
    const place = distinct ? (first + along) % size : drawing.below(size);
    return drawing.below(4) === 1 ? place - size : place;
  });
  return drawing.initializer(tensorOf('int64', shape, values));
}

const gatherElements: Recipe = {
  draw: (drawing) => {
    const x = drawing.tensor({ ranks: [1, 3] });
    const shape = drawing.shapeOf(x);
    const axis = drawing.below(shape.length);
    const picked = shape.map((size, other) =>
      other === axis ? drawing.between(1, 3) : drawing.between(1, size),
    );
    const places = indices(drawing, picked, { size: shape[axis]!, axis });
    return drawing.emit('GatherElements', [x, places], {
      attributes: { axis: int(drawing.flag() ? axis - shape.length : axis) },
    });
  },
};

/** How what comes to one place is joined; without it no place may be named twice. */
function joined(drawing: Drawing): Readonly<Record<string, { readonly string: string }>> {
  const reduction = drawing.oneOf(['none', 'add', 'mul', 'max', 'min']);
  const first = { max: 18, min: 18, add: 16, mul: 16, none: 13 }[reduction]!;
  return drawing.opset >= first && reduction !== 'none' ? { reduction: { string: reduction } } : {};
}

const scatterElements: Recipe = {
  draw: (drawing) => {
    const x = drawing.within(drawing.tensor({ ranks: [1, 3] }), 1);
    const shape = drawing.shapeOf(x);
    const axis = drawing.below(shape.length);
    const attributes = joined(drawing);
    const distinct = !('reduction' in attributes);
    const written = shape.map((size, other) =>
      other === axis ? drawing.between(1, distinct ? size : 3) : drawing.between(1, size),
    );
    const places = indices(drawing, written, { size: shape[axis]!, axis, distinct });
    const updates = drawing.within(drawing.shaped(written), 1);
    return drawing.emit('ScatterElements', [x, places, updates], {
      attributes: { ...attributes, axis: int(axis) },
      bound: 4,
    });
  },
};

/** Tuples that name slices of the first axes. */
function tuples(drawing: Drawing, shape: readonly number[], distinct: boolean) {
  const length = drawing.between(1, shape.length);
  const count = drawing.between(1, distinct ? shape[0]! : 3);
  const first = drawing.below(shape[0]!);
  const values = Array.from({ length: count }, (_, index) =>
    Array.from({ length }, (__, axis) => {
      const place = axis === 0 && distinct ? (first + index) % shape[0]! : drawing.below(shape[axis]!);
      return drawing.below(4) === 1 ? place - shape[axis]! : place;
    }),
  ).flat();
  return { length, count, tensor: drawing.initializer(tensorOf('int64', [count, length], values)) };
}

const gatherND: Recipe = {
  draw: (drawing) => {
    const x = drawing.tensor({ ranks: [1, 4] });
    return drawing.emit('GatherND', [x, tuples(drawing, drawing.shapeOf(x), false).tensor]);
  },
};

const scatterND: Recipe = {
  draw: (drawing) => {
    const x = drawing.within(drawing.tensor({ ranks: [1, 3] }), 1);
    const shape = drawing.shapeOf(x);
    const attributes = joined(drawing);
    const { length, count, tensor } = tuples(drawing, shape, !('reduction' in attributes));
    const written = [count, ...shape.slice(length)];
    const updates = drawing.within(drawing.shaped(written), 1);
    return drawing.emit('ScatterND', [x, tensor, updates], { attributes, bound: 4 });
  },
};

/** Of new numbers, which are never equal; the places are used again. */
const topK: Recipe = {
  draw: (drawing) => {
    const shape = drawing.shape([1, 3]);
    const axis = drawing.axis(shape.length);
    const x = drawing.fresh(shape);
    const attributes = { axis: int(axis), ...some(drawing, { largest: int(0), sorted: int(1) }) };
    const k = drawing.ints(drawing.between(1, shape.at(axis)!));
    const [values, places] = drawing.emitAll('TopK', [x, k], { attributes, outputs: 2 });
    const other = drawing.shaped(shape);
    return [values!, drawing.emit('GatherElements', [other, places!], { attributes: { axis: int(axis) } })];
  },
};

const compress: Recipe = {
  draw: (drawing) => {
    const x = drawing.tensor({ ranks: [1, 4] });
    const shape = drawing.shapeOf(x);
    const axis = drawing.flag() ? drawing.axis(shape.length) : undefined;
    const length = axis === undefined ? Math.min(6, sizeOf(shape)) : shape.at(axis)!;
    const kept = [1, ...Array.from({ length: length - 1 }, () => drawing.below(2))];
    return drawing.emit('Compress', [x, drawing.initializer(tensorOf('bool', [length], kept))], {
      attributes: axis === undefined ? {} : { axis: int(axis) },
    });
  },
};

const cumulative = (opType: string): Recipe => ({
  draw: (drawing) => {
    const x = drawing.within(drawing.tensor({ ranks: [1, 4] }), 1);
    const axis = drawing.axis(drawing.shapeOf(x).length);
    const attributes = some(drawing, { exclusive: int(1), reverse: int(1) });
    return drawing.emit(opType, [x, drawing.initializer(tensorOf('int64', [], [axis]))], {
      attributes,
      bound: 5,
    });
  },
});

const trilu: Recipe = {
  draw: (drawing) => {
    const x = drawing.tensor({ ranks: [2, 4] });
    const k = drawing.flag() ? [drawing.initializer(tensorOf('int64', [], [drawing.between(-2, 2)]))] : [];
    return drawing.emit('Trilu', [x, ...k], { attributes: some(drawing, { upper: int(0) }) });
  },
  since: 14,
};

const reverseSequence: Recipe = {
  draw: (drawing) => {
    const x = drawing.tensor({ ranks: [2, 4] });
    const time = drawing.below(2);
    const [steps, batch] = time === 0 ? drawing.shapeOf(x) : drawing.shapeOf(x).slice(0, 2).toReversed();
    const lengths = Array.from({ length: batch! }, () => drawing.between(1, steps!));
    return drawing.emit('ReverseSequence', [x, drawing.ints(...lengths)], {
      attributes: { time_axis: int(time), batch_axis: int(1 - time) },
    });
  },
};

/** Puts new numbers, which are pooled, back to their places. */
const maxUnpool: Recipe = {
  draw: (drawing) => {
    const x = drawing.fresh([drawing.between(1, 2), drawing.between(1, 2), 2 * drawing.between(1, 2), 4]);
    const attributes = { kernel_shape: { ints: [2, 2] }, strides: { ints: [2, 2] } };
    const [values, places] = drawing.emitAll('MaxPool', [x], { attributes, outputs: 2 });
    return drawing.emit('MaxUnpool', [values!, places!], { attributes });
  },
  single: true,
};

const tensorScatter: Recipe = {
  draw: (drawing) => {
    const shape = [drawing.between(1, 2), drawing.between(2, 4), drawing.between(1, 3)];
    const past = drawing.shaped(shape);
    const count = drawing.between(1, 2);
    const update = drawing.shaped(shape.with(1, count));
    const mode = drawing.oneOf(['linear', 'circular']);
    const last = mode === 'linear' ? shape[1]! - count : shape[1]! - 1;
    const places = drawing.ints(...new Array<number>(shape[0]!).fill(drawing.between(0, last)));
    return drawing.emit('TensorScatter', drawing.flag() ? [past, update, places] : [past, update], {
      attributes: { axis: int(1), mode: string(mode) },
    });
  },
  since: 24,
};

/** Reads an image at coordinates of which some lie outside, and none on the edge of a pixel by design. */
const gridSample: Recipe = {
  draw: (drawing) => {
    const x = drawing.tensor({
      ranks: [4, 4],
      fresh: () => [drawing.between(1, 2), 1, drawing.between(2, 4), 3],
    });
    const [n = 1] = drawing.shapeOf(x);
    const grid = drawing.emit('Mul', [drawing.fresh([n, drawing.between(1, 3), 2, 2]), drawing.number(1.3)]);
    const first = drawing.opset >= 20;
    const mode = drawing.oneOf(first ? ['linear', 'nearest', 'cubic'] : ['bilinear', 'nearest', 'bicubic']);
    return drawing.emit('GridSample', [x, grid], {
      attributes: some(drawing, {
        mode: string(mode),
        padding_mode: string(drawing.oneOf(['zeros', 'border', 'reflection'])),
        align_corners: int(drawing.below(2)),
      }),
      bound: 2 * drawing.boundOf(x),
    });
  },
  since: 16,
  lacks: 'float64',
};

const affineGrid: Recipe = {
  draw: (drawing) => {
    const rank = drawing.between(2, 3);
    const n = drawing.between(1, 2);
    const shape = [n, rank, rank + 1];
    const theta = drawing.shaped(shape);
    const size = drawing.ints(n, 1, ...Array.from({ length: rank }, () => drawing.between(2, 3)));
    const attributes = some(drawing, { align_corners: int(1) });
    return drawing.emit('AffineGrid', [theta, size], { attributes, bound: 4 * drawing.boundOf(theta) });
  },
  since: 20,
};

/** Resampling in any mode, up and down. */
const resize: Recipe = {
  draw: (drawing) => {
    const x = drawing.tensor({
      ranks: [3, 4],
      fresh: () => [1, drawing.between(1, 2), 3, drawing.between(2, 4)],
    });
    const shape = drawing.shapeOf(x);
    const mode = drawing.oneOf(shape.length === 4 ? ['nearest', 'linear', 'cubic'] : ['nearest', 'linear']);
    const transformation = drawing.oneOf(['half_pixel', 'asymmetric', 'align_corners', 'pytorch_half_pixel']);
    const space = shape.slice(2);
    const bySizes = drawing.flag();
    const attributes = {
      mode: string(mode),
      coordinate_transformation_mode: string(transformation),
      ...(mode === 'cubic' ? some(drawing, { cubic_coeff_a: float(-0.5), exclude_outside: int(1) }) : {}),
      ...(mode === 'nearest'
        ? some(drawing, { nearest_mode: string(drawing.oneOf(['floor', 'ceil', 'round_prefer_ceil'])) })
        : {}),
    };
    const factors = space.map(() => drawing.oneOf([1, 2, 1.5, 0.75]));
    const scales = drawing.initializer(tensorOf('float32', [shape.length], [1, 1, ...factors]));
    const sizes = space.map((size, axis) => Math.max(1, Math.floor(size * factors[axis]!)));
    const inputs = bySizes ? ['', '', drawing.ints(...shape.slice(0, 2), ...sizes)] : ['', scales];
    return drawing.emit('Resize', [x, ...inputs], { attributes, bound: 2 * drawing.boundOf(x) });
  },
  single: true,
};

/** Reading and writing at places that are named. */
export const placeRecipes: Recipes = {
  GatherElements: gatherElements,
  ScatterElements: scatterElements,
  GatherND: gatherND,
  ScatterND: scatterND,
  TopK: topK,
  Compress: compress,
  CumSum: { ...cumulative('CumSum'), since: 14 },
  CumProd: { ...cumulative('CumProd'), since: 26 },
  Trilu: trilu,
  ReverseSequence: reverseSequence,
  MaxUnpool: maxUnpool,
  TensorScatter: tensorScatter,
  GridSample: gridSample,
  AffineGrid: affineGrid,
  Resize: resize,
};
