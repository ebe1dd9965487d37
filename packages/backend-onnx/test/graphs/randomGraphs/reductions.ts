import type { Drawing } from './drawing.ts';
import { int, ints, some, type Recipe, type Recipes } from './recipe.ts';

/** Some axes of a tensor, each once, in any order, counted from either end. */
function axes(drawing: Drawing, rank: number): readonly number[] {
  const order = Array.from({ length: rank }, (_, axis) => axis);
  const first = drawing.below(rank);
  const rotated = [...order.slice(first), ...order.slice(0, first)];
  return rotated.slice(0, drawing.between(1, rank)).map((axis) => (drawing.flag() ? axis - rank : axis));
}

interface ReductionOptions {
  /** How its values grow; defaults to hardly. */
  readonly growth?: 'none' | 'sum' | 'squares';
  /** What is made of a tensor first. */
  readonly of?: (name: string, drawing: Drawing) => string;
}

/** A reduction in the form of the graph's operator set; without axes it takes all of them. */
function reduction(opType: string, options: ReductionOptions = {}): Recipe {
  return {
    draw: (drawing) => {
      const { growth = 'none', of = (name: string) => name } = options;
      const x = of(drawing.tensor(), drawing);
      const shape = drawing.shapeOf(x);
      const chosen = shape.length > 0 && drawing.below(4) > 0 ? axes(drawing, shape.length) : undefined;
      const isInput = opType === 'ReduceSum' || drawing.opset >= 18;
      const attributes = {
        ...some(drawing, { keepdims: int(drawing.below(2)) }),
        ...(isInput && chosen === undefined && drawing.flag() ? { noop_with_empty_axes: int(0) } : {}),
        ...(!isInput && chosen !== undefined && { axes: ints(chosen) }),
      };
      const inputs = isInput && chosen !== undefined ? [x, drawing.ints(...chosen)] : [x];
      const count = (chosen ?? shape.map((_, axis) => axis)).reduce(
        (size, axis) => size * shape.at(axis)!,
        1,
      );
      const bound = drawing.boundOf(x);
      const bounds = { none: bound + 3, sum: bound * count, squares: bound * bound * count };
      return drawing.emit(opType, inputs, { attributes, bound: bounds[growth] });
    },
  };
}

/** Reductions. */
export const reductionRecipes: Recipes = {
  ReduceSum: reduction('ReduceSum', { growth: 'sum' }),
  ReduceMean: reduction('ReduceMean'),
  ReduceMax: reduction('ReduceMax'),
  ReduceMin: reduction('ReduceMin'),
  ReduceL1: reduction('ReduceL1', { growth: 'sum' }),
  ReduceL2: reduction('ReduceL2', { growth: 'sum' }),
  ReduceSumSquare: reduction('ReduceSumSquare', { growth: 'squares' }),
  ReduceLogSum: reduction('ReduceLogSum', { of: (name, drawing) => drawing.positive(name) }),
  ReduceProd: reduction('ReduceProd', { of: (name, drawing) => drawing.within(name, 1) }),
  ReduceLogSumExp: reduction('ReduceLogSumExp'),
};
