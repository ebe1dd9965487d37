import type { Attribute } from '@edjm/onnx-autodiff';
import type { Drawing } from './drawing.ts';
import { factor, float, int, ints, some, string, type Recipe, type Recipes } from './recipe.ts';

const matMul: Recipe = {
  draw: (drawing) => {
    const a = drawing.within(drawing.tensor({ ranks: [1, 4] }), 1.5);
    const shape = drawing.shapeOf(a);
    const inner = shape.at(-1)!;
    const batch = shape.slice(0, -2).map((size) => (drawing.below(3) === 2 ? 1 : size));
    const fresh = () => {
      if (drawing.below(4) === 3) return [inner];
      return [...batch.slice(drawing.below(batch.length + 1)), inner, drawing.between(1, 4)];
    };
    // Only tensors without batches of their own fit for sure.
    const fits = (other: readonly number[]) => other.length <= 2 && (other.at(-2) ?? other[0]) === inner;
    const b = drawing.within(drawing.tensor({ ranks: [1, 2], where: fits, fresh }), 1.5);
    return drawing.emit('MatMul', [a, b], { bound: inner * drawing.boundOf(a) * drawing.boundOf(b) });
  },
};

const gemm: Recipe = {
  draw: (drawing) => {
    const a = drawing.within(drawing.tensor({ ranks: [2, 2] }), 1.5);
    const transA = drawing.below(2);
    const transB = drawing.below(2);
    const [m, k] = transA === 0 ? drawing.shapeOf(a) : drawing.shapeOf(a).toReversed();
    const fits = (shape: readonly number[]) => shape[transB] === k;
    const n = drawing.between(1, 4);
    const b = drawing.within(
      drawing.tensor({ ranks: [2, 2], where: fits, fresh: () => (transB === 0 ? [k!, n] : [n, k!]) }),
      1.5,
    );
    const columns = drawing.shapeOf(b)[1 - transB]!;
    const joint = (shape: readonly number[]) =>
      [1, columns].includes(shape.at(-1) ?? 1) && [1, m].includes(shape.at(-2) ?? 1);
    const c = drawing.flag()
      ? [drawing.tensor({ ranks: [0, 2], where: joint, fresh: () => [m!, columns].slice(drawing.below(3)) })]
      : [];
    const attributes = some(drawing, {
      alpha: float(factor(drawing)),
      beta: float(factor(drawing)),
    });
    return drawing.emit('Gemm', [a, b, ...c], {
      attributes: { ...attributes, transA: int(transA), transB: int(transB) },
      bound: 1.4 * (k! * drawing.boundOf(a) * drawing.boundOf(b) + 4),
    });
  },
};

/** An image: samples × channels × one to three spatial axes. */
function image(drawing: Drawing, channels: (count: number) => boolean = () => true): string {
  const x = drawing.tensor({
    ranks: [3, 5],
    where: (shape) => channels(shape[1]!),
    fresh: () => {
      const rank = drawing.between(1, 3);
      const space = Array.from({ length: rank }, () => drawing.between(1, [6, 5, 3][rank - 1]!));
      return [drawing.between(1, 2), drawing.between(1, 2) * (channels(1) ? 1 : 2), ...space];
    },
  });
  return drawing.within(x, 1.5);
}

/** Window sizes, strides, dilations and padding with which at least one window fits. */
function windowAttributes(drawing: Drawing, space: readonly number[], kernel: readonly number[]) {
  const strides = space.map(() => drawing.between(1, 2));
  const dilations = space.map((size, axis) =>
    kernel[axis]! > 1 && drawing.below(3) === 2 && size > 2 ? 2 : 1,
  );
  const extent = kernel.map((size, axis) => (size - 1) * dilations[axis]! + 1);
  // Padding smaller than the window, and so much of it that the window fits.
  const begin = kernel.map((size) => drawing.below(Math.min(size, 2)));
  const end = space.map((size, axis) =>
    Math.max(0, extent[axis]! - size - begin[axis]!, drawing.below(2) * Math.min(1, kernel[axis]! - 1)),
  );
  return { strides, dilations, begin, end };
}

/** Whether windows leave no gaps; where they do, the engine may count a negative padding for auto_pad. */
const coversAll = (kernel: readonly number[], strides: readonly number[]): boolean =>
  kernel.every((size, axis) => size >= strides[axis]!);

const conv: Recipe = {
  draw: (drawing) => {
    const groups = drawing.below(4) === 3 ? 2 : 1;
    const x = image(drawing, (count) => count % groups === 0);
    const [, channels = 1, ...space] = drawing.shapeOf(x);
    const kernel = space.map((size) => drawing.between(1, Math.min(3, size + 1)));
    const { strides, dilations, begin, end } = windowAttributes(drawing, space, kernel);
    const outputs = groups * drawing.between(1, 2);
    const w = drawing.fresh([outputs, channels / groups, ...kernel]);
    const bias = drawing.flag()
      ? [drawing.tensor({ ranks: [1, 1], where: ([size]) => size === outputs, fresh: () => [outputs] })]
      : [];
    const padding =
      drawing.below(4) === 3 && coversAll(kernel, strides) && dilations.every((step) => step === 1)
        ? { auto_pad: string(drawing.oneOf(['SAME_UPPER', 'SAME_LOWER'])) }
        : { pads: ints([...begin, ...end]) };
    const area = kernel.reduce((product, size) => product * size, channels / groups);
    return drawing.emit('Conv', [x, w, ...bias], {
      attributes: {
        strides: ints(strides),
        dilations: ints(dilations),
        group: int(groups),
        ...padding,
        ...some(drawing, { kernel_shape: ints(kernel) }),
      },
      bound: area * drawing.boundOf(x) + 1,
    });
  },
  single: true,
};

const convTranspose: Recipe = {
  draw: (drawing) => {
    const groups = drawing.below(4) === 3 ? 2 : 1;
    const x = image(drawing, (count) => count % groups === 0);
    const [, channels = 1, ...space] = drawing.shapeOf(x);
    const kernel = space.map(() => drawing.between(1, 3));
    const strides = space.map(() => drawing.between(1, 2));
    const dilations = space.map(() => (drawing.below(4) === 3 ? 2 : 1));
    const outputPadding = strides.map((stride) => drawing.below(stride));
    const full = space.map(
      (size, axis) => (size - 1) * strides[axis]! + (kernel[axis]! - 1) * dilations[axis]! + 1,
    );
    const crop = full.map((size) => (size > 2 ? drawing.below(2) : 0));
    const w = drawing.fresh([channels, drawing.between(1, 2), ...kernel]);
    const count = groups * drawing.shapeOf(w)[1]!;
    const bias = drawing.flag() ? [drawing.fresh([count])] : [];
    const area = kernel.reduce((product, size) => product * size, channels / groups);
    return drawing.emit('ConvTranspose', [x, w, ...bias], {
      attributes: {
        strides: ints(strides),
        dilations: ints(dilations),
        group: int(groups),
        output_padding: ints(outputPadding),
        pads: ints([...crop, ...space.map(() => 0)]),
      },
      bound: area * drawing.boundOf(x) + 1,
    });
  },
  single: true,
};

/** A pooling; with ceil_mode the last window may reach over the end. */
function pool(opType: string, extra: (drawing: Drawing) => Readonly<Record<string, Attribute>>): Recipe {
  return {
    draw: (drawing) => {
      const x = image(drawing);
      const [, , ...space] = drawing.shapeOf(x);
      const kernel = space.map((size) => drawing.between(1, Math.min(3, size)));
      const { strides, dilations, begin, end } = windowAttributes(drawing, space, kernel);
      const steps = opType === 'MaxPool' || drawing.opset >= 19 ? { dilations: ints(dilations) } : {};
      const padding =
        drawing.below(4) === 3 && coversAll(kernel, strides)
          ? { auto_pad: string(drawing.oneOf(['SAME_UPPER', 'SAME_LOWER', 'VALID'])) }
          : { pads: ints([...begin, ...end]), ...steps };
      return drawing.emit(opType, [x], {
        attributes: { kernel_shape: ints(kernel), strides: ints(strides), ...padding, ...extra(drawing) },
      });
    },
    single: true,
  };
}

const overall = (opType: string): Recipe => ({
  draw: (drawing) => drawing.emit(opType, [image(drawing)]),
  single: true,
});

/** Products of matrices, and windows that move. */
export const contractionRecipes: Recipes = {
  MatMul: matMul,
  Gemm: gemm,
  Conv: conv,
  ConvTranspose: convTranspose,
  MaxPool: pool('MaxPool', (drawing) => some(drawing, { ceil_mode: int(1), storage_order: int(1) })),
  AveragePool: pool('AveragePool', (drawing) =>
    some(drawing, { ceil_mode: int(1), count_include_pad: int(1) }),
  ),
  GlobalAveragePool: overall('GlobalAveragePool'),
  GlobalMaxPool: overall('GlobalMaxPool'),
};
