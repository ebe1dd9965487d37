import { tensorOf } from '@edjm/onnx-autodiff';
import { sizeOf, type Drawing } from './drawing.ts';
import { odd } from './elementwise.ts';
import { codes, float, int, some, string, type Recipe, type Recipes } from './recipe.ts';

/** Truth values out of a comparison that no two values meet by design. */
function condition(drawing: Drawing, comparison: string): string {
  const a = drawing.tensor();
  return drawing.emit(comparison, [odd(drawing, a), drawing.against(a)]);
}

/** Chooses between two tensors by truth values. */
function chosen(drawing: Drawing, truth: string): string {
  const x = drawing.against(truth);
  const y = drawing.into(drawing.emit('Where', [truth, x, x]));
  const bound = Math.max(drawing.boundOf(x), drawing.boundOf(y));
  return drawing.emit('Where', drawing.flag() ? [truth, x, y] : [truth, y, x], { bound });
}

const comparison = (opType: string): Recipe => ({
  draw: (drawing) => chosen(drawing, condition(drawing, opType)),
});

/** Two conditions that broadcast, joined. */
const logic = (opType: string): Recipe => ({
  draw: (drawing) => {
    const a = drawing.tensor();
    const b = drawing.against(a);
    const [left, right] = [a, b].map((name) =>
      drawing.emit('Greater', [odd(drawing, name), drawing.number(0)]),
    );
    return chosen(drawing, drawing.emit(opType, [left!, right!]));
  },
});

const equal: Recipe = {
  draw: (drawing) => {
    const a = drawing.tensor();
    const rounded = drawing.emit('Round', [odd(drawing, a)]);
    return chosen(drawing, drawing.emit('Equal', [rounded, drawing.number(drawing.below(2))]));
  },
};

const not: Recipe = {
  draw: (drawing) => chosen(drawing, drawing.emit('Not', [condition(drawing, 'Less')])),
};

const where: Recipe = {
  draw: (drawing) => {
    const shape = drawing.shape([0, 3]);
    const values = Array.from({ length: sizeOf(shape) }, () => drawing.below(2));
    return chosen(drawing, drawing.initializer(tensorOf('bool', shape, values)));
  },
};

/** Truth values as numbers, which weight a tensor. */
const castOfTruth: Recipe = {
  draw: (drawing) => {
    const truth = condition(drawing, 'Greater');
    const mask = drawing.emit('Cast', [truth], {
      attributes: { to: int(codes[drawing.precision]) },
      bound: 1,
    });
    return drawing.emit('Mul', [mask, drawing.against(mask)]);
  },
};

const castToInteger: Recipe = {
  draw: (drawing) => {
    const a = drawing.tensor();
    const to = drawing.flag() ? codes.int64 : codes.int32;
    const whole = drawing.emit('Cast', [odd(drawing, a)], { attributes: { to: int(to) } });
    const back = drawing.emit('Cast', [whole], { attributes: { to: int(codes[drawing.precision]) } });
    return drawing.emit('Add', [back, drawing.against(back)], { bound: 3 * drawing.boundOf(a) + 5 });
  },
};

/** There and back through real numbers of at least the same precision. */
const castToReal: Recipe = {
  draw: (drawing) => {
    const wide = drawing.emit('Cast', [drawing.tensor()], { attributes: { to: int(codes.float64) } });
    const bent = drawing.emit('Tanh', [wide]);
    return drawing.emit('Cast', [bent], { attributes: { to: int(codes[drawing.precision]) } });
  },
};

const castLike: Recipe = {
  draw: (drawing) => {
    const x = drawing.tensor();
    const mask = drawing.emit('CastLike', [condition(drawing, 'LessOrEqual'), x], { bound: 1 });
    return drawing.emit('Mul', [mask, drawing.against(mask)]);
  },
  since: 15,
};

/** The place of the largest or least of new numbers, which are never equal. */
function place(
  drawing: Drawing,
  opType: string,
  [shape, axis]: readonly [readonly number[], number],
): string {
  const attributes = some(drawing, { keepdims: int(0) });
  return drawing.emit(opType, [drawing.fresh(shape)], { attributes: { ...attributes, axis: int(axis) } });
}

const extremePlace = (opType: string): Recipe => ({
  draw: (drawing) => {
    const x = drawing.tensor({ ranks: [1, 3] });
    const axis = drawing.axis(drawing.shapeOf(x).length);
    const size = drawing.shapeOf(x).at(axis)!;
    const places = place(drawing, opType, [[size, drawing.between(1, 3)], 0]);
    return drawing.emit('Gather', [x, places], { attributes: { axis: int(axis) } });
  },
});

const oneHot: Recipe = {
  draw: (drawing) => {
    const depth = drawing.between(1, 4);
    const places = place(drawing, 'ArgMax', [[drawing.between(1, 3), depth], 1]);
    const values = drawing.initializer(tensorOf('float32', [2], [0, 1]));
    const rank = drawing.shapeOf(places).length;
    const attributes = some(drawing, { axis: int(drawing.between(-rank - 1, rank)) });
    const chosen = drawing.emit('OneHot', [places, drawing.ints(depth), values], { attributes });
    const mask = drawing.emit('Cast', [chosen], {
      attributes: { to: int(codes[drawing.precision]) },
      bound: 1,
    });
    return drawing.emit('Mul', [mask, drawing.against(mask)]);
  },
};

const hardmax: Recipe = {
  draw: (drawing) => {
    const x = drawing.fresh(drawing.shape());
    const attributes = some(drawing, { axis: int(drawing.axis(drawing.shapeOf(x).length)) });
    const mask = drawing.emit('Hardmax', [x], { attributes });
    return drawing.emit('Mul', [mask, drawing.against(mask)]);
  },
  single: true,
};

/** Is anything not a number, or without bound? */
const question = (opType: string): Recipe => ({
  draw: (drawing) => {
    const truth = drawing.emit(opType, [drawing.tensor()]);
    const other = drawing.emit('Not', [truth]);
    return chosen(drawing, drawing.flag() ? truth : other);
  },
  // IsInf takes other types only later, but these from the start.
  since: opType === 'IsInf' ? 18 : 13,
});

/** Integers, bit by bit, as a weight. */
const bitwise = (opType: string): Recipe => ({
  draw: (drawing) => {
    const a = odd(drawing, drawing.tensor());
    const whole = drawing.emit('Cast', [a], { attributes: { to: int(codes.int32) } });
    const three = drawing.initializer(tensorOf('int32', [], [drawing.between(1, 6)]));
    const bits = drawing.emit(opType, opType === 'BitwiseNot' ? [whole] : [whole, three], { bound: 16 });
    const back = drawing.emit('Cast', [bits], { attributes: { to: int(codes[drawing.precision]) } });
    return drawing.emit('Add', [back, drawing.against(back)], { bound: 20 });
  },
  since: 18,
});

const bitShift: Recipe = {
  draw: (drawing) => {
    const shape = drawing.shape([0, 2]);
    const values = (limit: number) => Array.from({ length: sizeOf(shape) }, () => drawing.below(limit));
    const [bits, shifts] = [values(9), values(3)].map((list) =>
      drawing.initializer(tensorOf('uint8', shape, list)),
    );
    const attributes = { direction: string(drawing.oneOf(['LEFT', 'RIGHT'])) };
    const moved = drawing.emit('BitShift', [bits!, shifts!], { attributes, bound: 32 });
    const weights = drawing.emit('Cast', [moved], { attributes: { to: int(codes[drawing.precision]) } });
    return drawing.emit('Mul', [weights, drawing.against(weights)], { bound: 64 });
  },
};

/** The remainder that has the sign of the dividend, of a number that lies on no multiple by design. */
const mod: Recipe = {
  draw: (drawing) => {
    const x = odd(drawing, drawing.tensor());
    const divisor = drawing.positive(drawing.against(x));
    return drawing.emit('Mod', [x, divisor], { attributes: { fmod: int(1) } });
  },
};

const shrink: Recipe = {
  draw: (drawing) =>
    drawing.emit('Shrink', [odd(drawing, drawing.tensor())], {
      attributes: some(drawing, { lambd: float(0.4), bias: float(0.2) }),
    }),
  single: true,
};

/** Places of what is not 0, which are constants where the numbers are. */
const nonZero: Recipe = {
  draw: (drawing) => {
    const x = drawing.tensor({ ranks: [1, 3] });
    const shape = drawing.shapeOf(x);
    const values = Array.from({ length: sizeOf(shape) }, (_, index) => Number(index % 3 !== 1));
    const found = drawing.emit('NonZero', [drawing.initializer(tensorOf('float32', shape, values))]);
    return drawing.emit('GatherND', [x, drawing.emit('Transpose', [found])]);
  },
};

const eyeLike: Recipe = {
  draw: (drawing) => {
    const x = drawing.tensor({ ranks: [2, 2] });
    const attributes = some(drawing, { k: int(drawing.between(-2, 2)) });
    const eye = drawing.emit('EyeLike', [x], { attributes, bound: 1 });
    return drawing.emit('Mul', [x, eye]);
  },
};

/** Choices, and operators whose result is no real number. */
export const choiceRecipes: Recipes = {
  Where: where,
  Greater: comparison('Greater'),
  GreaterOrEqual: comparison('GreaterOrEqual'),
  Less: comparison('Less'),
  LessOrEqual: comparison('LessOrEqual'),
  Equal: equal,
  And: logic('And'),
  Or: logic('Or'),
  Not: not,
  Cast: castOfTruth,
  'Cast to an integer': castToInteger,
  'Cast to a real number': castToReal,
  CastLike: castLike,
  ArgMax: extremePlace('ArgMax'),
  ArgMin: extremePlace('ArgMin'),
  OneHot: oneHot,
  Xor: logic('Xor'),
  Hardmax: hardmax,
  IsNaN: question('IsNaN'),
  IsInf: question('IsInf'),
  BitwiseAnd: bitwise('BitwiseAnd'),
  BitwiseOr: bitwise('BitwiseOr'),
  BitwiseXor: bitwise('BitwiseXor'),
  BitwiseNot: bitwise('BitwiseNot'),
  BitShift: bitShift,
  Mod: mod,
  Shrink: shrink,
  NonZero: nonZero,
  EyeLike: eyeLike,
};
