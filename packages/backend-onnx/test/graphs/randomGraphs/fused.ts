import { tensorOf } from '@edjm/onnx-autodiff';
import type { Drawing } from './drawing.ts';
import { factor, float, int, ints, some, string, type Recipe, type Recipes } from './recipe.ts';

/** Operators of com.microsoft by their names there; the engine has hardly one of them in float64. */
const fused = (draw: Recipe['draw'], rest: Omit<Recipe, 'draw'> = {}): Recipe => ({
  lacks: 'float64',
  ...rest,
  draw,
});

const name = (opType: string) => `com.microsoft.${opType}`;

/** A tensor of exactly that shape, of values that are not large. */
const shaped = (drawing: Drawing, shape: readonly number[]): string =>
  drawing.within(drawing.shaped(shape), 2);

/** A function of x + b. */
const biased = (opType: string, rest: Omit<Recipe, 'draw'> = {}): Recipe =>
  fused((drawing) => {
    const x = drawing.tensor({ ranks: [1, 4] });
    const bias = shaped(drawing, drawing.shapeOf(x).slice(-1));
    return drawing.emit(name(opType), [x, bias], { bound: drawing.boundOf(x) + 2 });
  }, rest);

const unary = (opType: string, rest: Omit<Recipe, 'draw'> = {}): Recipe =>
  fused((drawing) => drawing.emit(name(opType), [drawing.tensor({ ranks: [1, 5] })]), rest);

/** On x and a skip of its shape, with a bias. */
const skipNormalization = (opType: string, hasShift: boolean): Recipe =>
  fused((drawing) => {
    const x = drawing.tensor({ ranks: [3, 3] });
    const shape = drawing.shapeOf(x);
    const vector = () => shaped(drawing, shape.slice(-1));
    const inputs = [x, shaped(drawing, shape), vector(), ...(hasShift ? [vector()] : [])];
    const bias = drawing.flag() ? [vector()] : [];
    const [y, , , sum] = drawing.emitAll(name(opType), [...inputs, ...bias], {
      attributes: { epsilon: float(0.05) },
      outputs: [true, false, false, true],
      bound: 6,
    });
    return [sum!, y!];
  });

/** The engine wants to know the shapes beforehand. */
const embedLayerNormalization = fused((drawing) => {
  const [batch, steps, width] = [drawing.between(1, 2), drawing.between(1, 3), drawing.between(1, 3)];
  const numbers = (limit: number) =>
    drawing.initializer(
      tensorOf(
        'int32',
        [batch, steps],
        Array.from({ length: batch * steps }, () => drawing.below(limit)),
      ),
    );
  const tables = [4, 3, 2].map((rows) => drawing.fresh([rows, width]));
  const vectors = [drawing.fresh([width]), drawing.fresh([width])];
  const [y] = drawing.emitAll(
    name('EmbedLayerNormalization'),
    [numbers(4), numbers(2), ...tables, ...vectors],
    {
      attributes: { epsilon: float(0.05) },
      outputs: 2,
      bound: 6,
    },
  );
  return y!;
});

const groupNorm = (opType: string): Recipe =>
  fused(
    (drawing) => {
      const x = shaped(drawing, [drawing.between(1, 2), drawing.between(1, 2), drawing.between(1, 3), 4]);
      const skip = opType === 'SkipGroupNorm' ? [shaped(drawing, drawing.shapeOf(x))] : [];
      const inputs = [x, shaped(drawing, [4]), shaped(drawing, [4]), ...skip];
      const attributes = {
        epsilon: float(0.05),
        groups: int(drawing.between(1, 2)),
        activation: int(drawing.below(2)),
      };
      return drawing.emit(name(opType), inputs, { attributes, bound: 6 });
    },
    { lacks: 'every kernel' },
  );

/** A product of matrices or of batches of them, transposed in any way. */
const fusedMatMul = (opType: string, rest: Omit<Recipe, 'draw'> = {}): Recipe =>
  fused((drawing) => {
    const isBatched = drawing.flag();
    const [transA, transB] = [drawing.below(2), drawing.below(2)];
    const [m, k, n] = [drawing.between(1, 3), drawing.between(1, 3), drawing.between(1, 3)];
    const batch = isBatched ? [2] : [];
    const a = shaped(drawing, [...batch, ...(transA === 1 ? [k, m] : [m, k])]);
    const b = shaped(drawing, [...batch, ...(transB === 1 ? [n, k] : [k, n])]);
    const activation =
      opType === 'FusedMatMulActivation'
        ? { activation: string(drawing.oneOf(['Tanh', 'Relu', 'Sigmoid'])) }
        : {};
    return drawing.emit(name(opType), [a, b], {
      attributes: {
        transA: int(transA),
        transB: int(transB),
        ...activation,
        ...some(drawing, { alpha: float(factor(drawing)) }),
      },
      bound: 4 * k,
    });
  }, rest);

const fusedGemm = fused((drawing) => {
  const transB = drawing.below(2);
  const [m, k, n] = [drawing.between(1, 3), drawing.between(1, 3), drawing.between(1, 3)];
  const inputs = [[m, k], transB === 1 ? [n, k] : [k, n], ...(drawing.flag() ? [[n]] : [])];
  return drawing.emit(
    name('FusedGemm'),
    inputs.map((shape) => shaped(drawing, shape)),
    {
      attributes: {
        transB: int(transB),
        activation: string(drawing.oneOf(['Tanh', 'Relu', 'Sigmoid', 'LeakyRelu'])),
        activation_alpha: float(0.2),
        ...some(drawing, { alpha: float(factor(drawing)), beta: float(factor(drawing)) }),
      },
      bound: 4 * k + 2,
    },
  );
});

const gemmFastGelu = fused(
  (drawing) => {
    const [m, k, n] = [drawing.between(1, 3), drawing.between(1, 3), drawing.between(1, 3)];
    const inputs = [[m, k], [k, n], ...(drawing.flag() ? [[n]] : [])].map((shape) => shaped(drawing, shape));
    return drawing.emit(name('GemmFastGelu'), inputs, { bound: 4 * k + 2 });
  },
  { lacks: 'every kernel', single: true },
);

/** A convolution of 2 × 2 with channels first or last, and an activation. */
const fusedConv = (opType: string, rest: Omit<Recipe, 'draw'> = {}): Recipe =>
  fused(
    (drawing) => {
      const [channels, outputs] = [drawing.between(1, 2), drawing.between(1, 2)];
      const isLast = opType.startsWith('Nhwc');
      const [height, width] = [drawing.between(2, 3), drawing.between(2, 4)];
      const x = shaped(drawing, isLast ? [1, height, width, channels] : [1, channels, height, width]);
      const inputs = [
        x,
        drawing.fresh(opType === 'NhwcConv' ? [outputs, 2, 2, channels] : [outputs, channels, 2, 2]),
        ...(drawing.flag() ? [drawing.fresh([outputs])] : []),
      ];
      const activation =
        opType === 'NhwcConv' ? {} : { activation: string(drawing.oneOf(['Relu', 'Tanh', 'Sigmoid'])) };
      return drawing.emit(name(opType), inputs, {
        attributes: { ...activation, ...some(drawing, { pads: ints([1, 0, 0, 1]), strides: ints([1, 2]) }) },
        bound: 4 * channels * drawing.boundOf(x) + 1,
      });
    },
    { single: true, ...rest },
  );

const elsewhere = { lacks: 'every kernel' } as const;

const biasSplitGelu = fused(
  (drawing) => {
    const x = shaped(drawing, [drawing.between(1, 2), drawing.between(1, 2), 2 * drawing.between(1, 2)]);
    return drawing.emit(name('BiasSplitGelu'), [x, shaped(drawing, drawing.shapeOf(x).slice(-1))], {
      bound: 12,
    });
  },
  { ...elsewhere, single: true },
);

const biasAdd = fused((drawing) => {
  const x = drawing.tensor({ ranks: [3, 3] });
  const shape = drawing.shapeOf(x);
  const inputs = [x, shaped(drawing, shape.slice(-1)), shaped(drawing, shape)];
  return drawing.emit(name('BiasAdd'), inputs, { bound: drawing.boundOf(x) + 4 });
}, elsewhere);

const biasSoftmax = fused((drawing) => {
  const x = shaped(drawing, [drawing.between(1, 2), drawing.between(1, 3), drawing.between(1, 3)]);
  const [batch, , last] = drawing.shapeOf(x);
  return drawing.emit(name('BiasSoftmax'), [x, shaped(drawing, [batch!, 1, last!])], {
    attributes: { axis: int(2), is_inner_broadcast: int(1) },
    bound: 1,
  });
}, elsewhere);

const dropout = (opType: string): Recipe =>
  fused((drawing) => {
    const x = drawing.tensor({ ranks: [1, 4] });
    const shape = drawing.shapeOf(x);
    const bias = opType === 'BitmaskDropout' ? [] : [shaped(drawing, shape.slice(-1))];
    const residual = bias.length > 0 && drawing.flag() ? [shaped(drawing, shape)] : [];
    return drawing.emit(name(opType), [x, ...bias, ...residual], { bound: drawing.boundOf(x) + 4 });
  }, elsewhere);

const gatedAdd = fused((drawing) => {
  const x = drawing.within(drawing.tensor({ ranks: [2, 3] }), 2);
  const shape = drawing.shapeOf(x);
  return drawing.emit(name('GatedAdd'), [x, shaped(drawing, shape), shaped(drawing, shape.with(-1, 1))], {
    bound: 6,
  });
});

/** Operators that ONNX Runtime writes when it fuses others. */
export const fusedRecipes: Recipes = {
  [name('Gelu')]: unary('Gelu', { single: true }),
  [name('QuickGelu')]: unary('QuickGelu'),
  [name('FastGelu')]: biased('FastGelu', { single: true }),
  [name('BiasGelu')]: biased('BiasGelu', { single: true }),
  [name('BiasSplitGelu')]: biasSplitGelu,
  [name('BiasAdd')]: biasAdd,
  [name('BiasSoftmax')]: biasSoftmax,
  [name('BiasDropout')]: dropout('BiasDropout'),
  [name('BitmaskBiasDropout')]: dropout('BitmaskBiasDropout'),
  [name('BitmaskDropout')]: dropout('BitmaskDropout'),
  [name('GatedAdd')]: gatedAdd,
  [name('SkipLayerNormalization')]: skipNormalization('SkipLayerNormalization', true),
  [name('SkipSimplifiedLayerNormalization')]: skipNormalization('SkipSimplifiedLayerNormalization', false),
  [name('EmbedLayerNormalization')]: embedLayerNormalization,
  [name('GroupNorm')]: groupNorm('GroupNorm'),
  [name('SkipGroupNorm')]: groupNorm('SkipGroupNorm'),
  [name('FusedMatMul')]: fusedMatMul('FusedMatMul'),
  [name('TransposeMatMul')]: fusedMatMul('TransposeMatMul'),
  [name('FusedMatMulActivation')]: fusedMatMul('FusedMatMulActivation', elsewhere),
  [name('FusedGemm')]: fusedGemm,
  [name('GemmFastGelu')]: gemmFastGelu,
  [name('FusedConv')]: fusedConv('FusedConv'),
  [name('NhwcConv')]: fusedConv('NhwcConv', elsewhere),
  [name('NhwcFusedConv')]: fusedConv('NhwcFusedConv', elsewhere),
};
