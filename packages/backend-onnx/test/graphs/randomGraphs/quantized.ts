import { tensorOf } from '@edjm/onnx-autodiff';
import { sizeOf, type Drawing } from './drawing.ts';
import { int, type Recipe, type Recipes } from './recipe.ts';

/** A scale of wide steps, for a whole tensor or for each slice of an axis, and where 0 lies. */
function parameters(drawing: Drawing, shape: readonly number[]) {
  const axis = shape.length > 0 && drawing.flag() ? drawing.axis(shape.length) : undefined;
  const sizes = axis === undefined ? [] : [shape.at(axis)!];
  const scale = drawing.initializer(tensorOf('float32', sizes, new Array<number>(sizeOf(sizes)).fill(0.25)));
  const zero = tensorOf(
    'int8',
    sizes,
    Array.from({ length: sizeOf(sizes) }, () => drawing.between(-2, 2)),
  );
  const inputs = drawing.flag() ? [scale, drawing.initializer(zero)] : [scale];
  return { inputs, attributes: axis === undefined ? {} : { axis: int(axis) } };
}

/** Weights that are stored as integers. */
const dequantizeLinear: Recipe = {
  draw: (drawing) => {
    const shape = drawing.shape([0, 3]);
    const values = Array.from({ length: sizeOf(shape) }, () => drawing.between(-5, 5));
    const weights = drawing.initializer(tensorOf('int8', shape, values));
    const { inputs, attributes } = parameters(drawing, shape);
    const back = drawing.emit('DequantizeLinear', [weights, ...inputs], { attributes, bound: 2 });
    return drawing.emit('Mul', [back, drawing.against(back)], { bound: 8 });
  },
  single: true,
};

/** Integers that stand for real numbers. */
export const quantizedRecipes: Recipes = {
  DequantizeLinear: dequantizeLinear,
};
