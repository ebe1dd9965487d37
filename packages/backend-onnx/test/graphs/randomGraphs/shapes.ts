import { tensorOf } from '@edjm/onnx-autodiff';
import { sizeOf, type Drawing } from './drawing.ts';
import { int, ints, some, type Recipe, type Recipes } from './recipe.ts';

/** Another shape of as many elements: neighbors joined, sizes split off, ones put in. */
function regrouped(drawing: Drawing, shape: readonly number[]): number[] {
  const result = [...shape];
  for (let turn = drawing.between(1, 2); turn > 0; turn--) {
    const at = drawing.below(Math.max(1, result.length));
    const size = result[at] ?? 1;
    const divisor = [2, 3, 5].find((prime) => size > prime && size % prime === 0);
    if (drawing.flag() && result.length > 1) result.splice(at, 2, size * (result[at + 1] ?? 1));
    else if (divisor === undefined) result.splice(at, 0, 1);
    else result.splice(at, 1, divisor, size / divisor);
  }
  return result;
}

const reshape: Recipe = {
  draw: (drawing) => {
    const x = drawing.tensor();
    const shape = drawing.shapeOf(x);
    const target = regrouped(drawing, shape);
    const kept = target.map((size, axis) => (size === shape[axis] && drawing.flag() ? 0 : size));
    const rest = drawing.below(kept.length + 1);
    const given = kept.map((size, axis) => (axis === rest ? -1 : size));
    return drawing.emit('Reshape', [x, drawing.ints(...given)], {
      attributes: some(drawing, { allowzero: int(0) }),
    });
  },
  since: 14,
};

const flatten: Recipe = {
  draw: (drawing) => {
    const x = drawing.tensor({ ranks: [1, 5] });
    const rank = drawing.shapeOf(x).length;
    return drawing.emit('Flatten', [x], {
      attributes: some(drawing, { axis: int(drawing.between(-rank, rank)) }),
    });
  },
};

const unsqueeze: Recipe = {
  draw: (drawing) => {
    const x = drawing.tensor({ ranks: [0, 3] });
    const rank = drawing.shapeOf(x).length + 2;
    const first = drawing.below(rank);
    const second = (first + drawing.between(1, rank - 1)) % rank;
    const axes = drawing.flag() ? [first - rank, second] : [drawing.axis(rank - 1)];
    return drawing.emit('Unsqueeze', [x, drawing.ints(...axes)]);
  },
};

const squeeze: Recipe = {
  draw: (drawing) => {
    const x = drawing.tensor({
      where: (shape) => shape.includes(1),
      fresh: () => [drawing.between(1, 4), 1, 2],
    });
    const shape = drawing.shapeOf(x);
    const ones = shape.flatMap((size, axis) => (size === 1 ? [axis] : []));
    if (drawing.flag()) return drawing.emit('Squeeze', [x]);
    const axes = ones
      .slice(drawing.below(ones.length))
      .map((axis) => (drawing.flag() ? axis - shape.length : axis));
    return drawing.emit('Squeeze', [x, drawing.ints(...axes)]);
  },
};

const transpose: Recipe = {
  draw: (drawing) => {
    const x = drawing.tensor();
    const rest = drawing.shapeOf(x).map((_, axis) => axis);
    const perm = drawing.shapeOf(x).map(() => rest.splice(drawing.below(rest.length), 1)[0]!);
    return drawing.emit('Transpose', [x], { attributes: some(drawing, { perm: ints(perm) }) });
  },
};

const concat: Recipe = {
  draw: (drawing) => {
    const x = drawing.tensor({ ranks: [1, 5] });
    const shape = drawing.shapeOf(x);
    const axis = drawing.axis(shape.length);
    const like = (size: number) => shape.with(axis, size);
    const others = Array.from({ length: drawing.below(3) }, () =>
      drawing.tensor({
        where: (other) => other.length === shape.length && other.with(axis, 1).join() === like(1).join(),
        fresh: () => like(drawing.between(1, 3)),
      }),
    );
    const inputs = [x, ...others];
    const bound = Math.max(...inputs.map((name) => drawing.boundOf(name)));
    return drawing.emit('Concat', inputs, { attributes: { axis: int(axis) }, bound });
  },
};

const split: Recipe = {
  draw: (drawing) => {
    const x = drawing.tensor({ ranks: [1, 5], fresh: () => [...drawing.shape([0, 2]), 4] });
    const shape = drawing.shapeOf(x);
    const axis = drawing.axis(shape.length);
    const size = shape.at(axis)!;
    const attributes = some(drawing, { axis: int(axis) });
    const along = 'axis' in attributes ? size : shape[0]!;
    const parts = drawing.between(1, Math.min(3, along));
    // Parts of equal size need no list; from operator set 18 on their number is said, and the last may be smaller.
    const isEqual =
      along % parts === 0 || (drawing.opset >= 18 && Math.ceil(along / parts) * (parts - 1) < along);
    if (isEqual && drawing.flag()) {
      const count = drawing.opset >= 18 ? { num_outputs: int(parts) } : {};
      return drawing.emitAll('Split', [x], { attributes: { ...attributes, ...count }, outputs: parts });
    }
    const sizes = new Array<number>(parts).fill(1).with(drawing.below(parts), along - parts + 1);
    return drawing.emitAll('Split', [x, drawing.ints(...sizes)], { attributes, outputs: parts });
  },
};

const expand: Recipe = {
  draw: (drawing) => {
    const x = drawing.tensor({ ranks: [0, 4], fresh: () => [drawing.between(1, 3), 1, 2] });
    const shape = drawing.shapeOf(x);
    const target = shape.map((size) => (size === 1 ? drawing.between(1, 3) : drawing.flag() ? 1 : size));
    const leading = drawing.shape([0, 1]);
    const trailing = target.slice(leading.length === 0 ? drawing.below(target.length + 1) : 0);
    return drawing.emit('Expand', [x, drawing.ints(...leading, ...trailing)]);
  },
};

const tile: Recipe = {
  draw: (drawing) => {
    const x = drawing.tensor({ ranks: [1, 5] });
    return drawing.emit('Tile', [x, drawing.ints(...drawing.shapeOf(x).map(() => drawing.between(1, 2)))]);
  },
};

const identity: Recipe = { draw: (drawing) => drawing.emit('Identity', [drawing.tensor()]) };

/** With its mask, which is all true. */
const dropout: Recipe = {
  draw: (drawing) => {
    const x = drawing.tensor();
    const ratio = drawing.initializer(tensorOf('float32', [], [0.3]));
    const inputs = drawing.flag() ? [x, ratio] : [x];
    if (drawing.flag()) return drawing.emit('Dropout', inputs);
    const [y, mask] = drawing.emitAll('Dropout', inputs, { outputs: 2 });
    return drawing.emit('Where', [mask!, y!, drawing.number(0)]);
  },
};

/** How exporters write x.reshape(x.shape[0], −1): a shape that is computed from another. */
const shape: Recipe = {
  draw: (drawing) => {
    const x = drawing.tensor({ ranks: [1, 5] });
    const whole = drawing.emit('Shape', [x]);
    const rank = drawing.shapeOf(x).length;
    const first = drawing.flag()
      ? drawing.emit('Slice', [whole, drawing.ints(0), drawing.ints(drawing.below(rank + 1))])
      : drawing.emit('Unsqueeze', [
          drawing.emit('Gather', [whole, drawing.initializer(tensorOf('int64', [], [drawing.axis(rank)]))]),
          drawing.ints(0),
        ]);
    const target = drawing.emit('Concat', [first, drawing.ints(-1)], { attributes: { axis: int(0) } });
    return drawing.emit('Reshape', [x, target]);
  },
};

const size: Recipe = {
  draw: (drawing) => {
    const x = drawing.tensor();
    const count = drawing.emit('CastLike', [drawing.emit('Size', [drawing.tensor()]), x], { bound: 128 });
    return drawing.emit('Div', [x, count], { bound: drawing.boundOf(x) });
  },
  since: 15,
};

const constantOfShape: Recipe = {
  draw: (drawing) => {
    const x = drawing.tensor();
    const value = tensorOf(drawing.precision, [1], [drawing.below(3) / 2]);
    const filled = drawing.emit('ConstantOfShape', [drawing.emit('Shape', [x])], {
      attributes: { value: { tensor: value } },
    });
    return drawing.emit('Sub', [x, filled], { bound: drawing.boundOf(x) + 1 });
  },
};

const range: Recipe = {
  draw: (drawing) => {
    const whole = (value: number) => drawing.initializer(tensorOf('int64', [], [value]));
    const x = drawing.tensor({ ranks: [1, 4] });
    const axis = drawing.axis(drawing.shapeOf(x).length);
    const length = drawing.shapeOf(x).at(axis)!;
    const places = drawing.flag()
      ? drawing.emit('Range', [whole(length - 1), whole(-1), whole(-1)])
      : drawing.emit('Range', [whole(0), whole(length), whole(drawing.between(1, 2))]);
    return drawing.emit('Gather', [x, places], { attributes: { axis: int(axis) } });
  },
};

const reduceProd: Recipe = {
  draw: (drawing) => {
    const x = drawing.tensor({ ranks: [1, 5] });
    const count = drawing.emit('ReduceProd', [drawing.emit('Shape', [x])]);
    return drawing.emit('Reshape', [x, count]);
  },
};

const constant: Recipe = {
  draw: (drawing) => {
    const x = drawing.tensor();
    const shape = drawing.flag() ? drawing.shapeOf(x) : [];
    const values = Array.from({ length: sizeOf(shape) }, (_, index) => Math.sin(index + 1));
    const tensor = tensorOf(drawing.precision, shape, values);
    const numbers = drawing.emit('Constant', [], { attributes: { value: { tensor } }, bound: 1 });
    return drawing.emit('Add', [x, numbers], { bound: drawing.boundOf(x) + 1 });
  },
};

/** Another shape, other places, repeats, and the arithmetic of shapes. */
export const shapeRecipes: Recipes = {
  Identity: identity,
  Reshape: reshape,
  Flatten: flatten,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Transpose: transpose,
  Concat: concat,
  Split: split,
  Expand: expand,
  Tile: tile,
  Dropout: dropout,
  Shape: shape,
  Size: size,
  ConstantOfShape: constantOfShape,
  Range: range,
  'ReduceProd of a shape': reduceProd,
  Constant: constant,
};
