import { tensorOf } from '@edjm/onnx-autodiff';
import { sizeOf, type Drawing } from './drawing.ts';
import { int, some, string, type Recipe, type Recipes } from './recipe.ts';

/** Along one axis: where a slice starts and ends, and its step; it has at least one element. */
function range(drawing: Drawing, size: number): readonly [number, number, number] {
  const first = drawing.below(size);
  const last = drawing.between(first, size - 1);
  const step = drawing.between(1, 3);
  const fromEnd = drawing.flag();
  if (drawing.flag()) {
    const end = first === 0 ? -size - 1 : first - 1;
    return [fromEnd ? last - size : last, end, -step];
  }
  return [fromEnd ? first - size : first, drawing.flag() ? 1000 : last + 1, step];
}

const slice: Recipe = {
  draw: (drawing) => {
    const x = drawing.tensor({ ranks: [1, 5] });
    const shape = drawing.shapeOf(x);
    const first = drawing.below(shape.length);
    const axes = shape.length > 1 && drawing.flag() ? [first, (first + 1) % shape.length] : [first];
    const ranges = axes.map((axis) => range(drawing, shape[axis]!));
    const list = (part: 0 | 1 | 2) => drawing.ints(...ranges.map((values) => values[part]));
    const signed = axes.map((axis) => (drawing.flag() ? axis - shape.length : axis));
    return drawing.emit('Slice', [x, list(0), list(1), drawing.ints(...signed), list(2)]);
  },
};

const pad: Recipe = {
  draw: (drawing) => {
    const mode = drawing.oneOf(['constant', 'edge', 'reflect', ...(drawing.opset >= 19 ? ['wrap'] : [])]);
    const isConstant = mode === 'constant';
    const x = drawing.tensor({ ranks: [1, 4] });
    const shape = drawing.shapeOf(x);
    const counts = [...shape, ...shape].map((size) => {
      if (isConstant) return drawing.between(0, 2);
      // A reflection reaches no further than the other end; to wrap around twice is not portable.
      return drawing.below(mode === 'reflect' ? size : 2);
    });
    const value = isConstant && drawing.flag() ? [drawing.tensor({ ranks: [0, 0], fresh: () => [] })] : [];
    const bound = Math.max(...[x, ...value].map((name) => drawing.boundOf(name)));
    return drawing.emit('Pad', [x, drawing.ints(...counts), ...value], {
      attributes: isConstant && drawing.flag() ? {} : { mode: string(mode) },
      bound,
    });
  },
};

/** Negative counts cut off. */
const crop: Recipe = {
  draw: (drawing) => {
    const x = drawing.tensor({ ranks: [1, 3], where: (shape) => shape[0]! > 1, fresh: () => [3, 2] });
    const rank = drawing.shapeOf(x).length;
    const begin = [drawing.between(-1, 1), ...new Array<number>(rank - 1).fill(0)];
    return drawing.emit('Pad', [x, drawing.ints(...begin, ...begin.map((count) => Math.abs(count)))]);
  },
};

const gather: Recipe = {
  draw: (drawing) => {
    const x = drawing.tensor({ ranks: [1, 4] });
    const rank = drawing.shapeOf(x).length;
    const attributes = some(drawing, { axis: int(drawing.axis(rank)) });
    const axis = 'axis' in attributes && 'int' in attributes['axis'] ? attributes['axis'].int : 0;
    const size = drawing.shapeOf(x).at(axis)!;
    const shape = drawing.shape([0, 2]).map((count) => Math.min(count, 3));
    const places = Array.from({ length: sizeOf(shape) }, () => drawing.between(-size, size - 1));
    return drawing.emit('Gather', [x, drawing.initializer(tensorOf('int64', shape, places))], { attributes });
  },
};

/** Picking and surrounding. */
export const indexingRecipes: Recipes = { Slice: slice, Pad: pad, 'Pad that crops': crop, Gather: gather };
