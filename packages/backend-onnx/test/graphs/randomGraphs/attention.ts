import { tensorOf } from '@edjm/onnx-autodiff';
import { sizeOf, type Drawing } from './drawing.ts';
import { float, int, some, type Recipe, type Recipes } from './recipe.ts';

/** A tensor of exactly that shape, of values that are not large. */
const shaped = (drawing: Drawing, shape: readonly number[]): string =>
  drawing.within(drawing.shaped(shape), 2);

/** Queries, keys and values in heads of one axis or of two, in groups, with a mask, after others. */
const attention: Recipe = {
  draw: (drawing) => {
    const batch = drawing.between(1, 2);
    const heads = drawing.between(1, 2);
    const groups = heads === 2 ? drawing.between(1, 2) : 1;
    const [queries, keys, size] = [drawing.between(1, 3), drawing.between(1, 3), 2 * drawing.between(1, 2)];
    const isFlat = drawing.flag();
    const of = (count: number, length: number) =>
      isFlat ? [batch, length, count * size] : [batch, count, length, size];
    const inputs = [of(heads, queries), of(groups, keys), of(groups, keys)].map((shape) =>
      shaped(drawing, shape),
    );
    const kind = drawing.below(3);
    const truths = Array.from({ length: queries * keys }, (_, place) =>
      Number(place % keys === 0 || drawing.flag()),
    );
    const mask = [
      [],
      [drawing.initializer(tensorOf('bool', [queries, keys], truths))],
      [shaped(drawing, [queries, keys])],
    ][kind]!;
    const attributes = {
      ...(isFlat && { q_num_heads: int(heads), kv_num_heads: int(groups) }),
      ...some(drawing, { is_causal: int(1), scale: float(0.6), softcap: float(0.9) }),
    };
    return drawing.emit('Attention', [...inputs, ...mask], { attributes, bound: 2 });
  },
  since: 23,
  until: 24,
};

/** Cosines and sines of angles, a row a place. */
function angles(drawing: Drawing, shape: readonly number[]): readonly string[] {
  return [Math.cos, Math.sin].map((of) =>
    drawing.initializer(
      tensorOf(
        drawing.precision,
        shape,
        Array.from({ length: sizeOf(shape) }, (_, index) => of(index + 0.3)),
      ),
    ),
  );
}

const rotaryEmbedding: Recipe = {
  draw: (drawing) => {
    const [batch, heads, steps] = [drawing.between(1, 2), drawing.between(1, 2), drawing.between(1, 3)];
    const size = drawing.flag() ? 4 : 2;
    const x = shaped(drawing, [batch, heads, steps, size]);
    const attributes = some(drawing, { interleaved: int(1) });
    return drawing.emit('RotaryEmbedding', [x, ...angles(drawing, [batch, steps, size / 2])], {
      attributes,
      bound: 2 * drawing.boundOf(x),
    });
  },
  since: 23,
};

const fusedRotaryEmbedding: Recipe = {
  draw: (drawing) => {
    const [batch, steps] = [drawing.between(1, 2), drawing.between(1, 3)];
    const x = shaped(drawing, [batch, steps, 4]);
    const places = drawing.initializer(
      tensorOf(
        'int64',
        [batch, steps],
        Array.from({ length: batch * steps }, () => drawing.below(3)),
      ),
    );
    return drawing.emit('com.microsoft.RotaryEmbedding', [x, places, ...angles(drawing, [3, 2])], {
      attributes: some(drawing, { interleaved: int(1) }),
      bound: 2 * drawing.boundOf(x),
    });
  },
  lacks: 'float64',
};

const packedAttention: Recipe = {
  draw: (drawing) => {
    const [batch, steps, width] = [drawing.between(1, 2), drawing.between(1, 3), drawing.between(1, 3)];
    const hidden = 4;
    const inputs = [
      shaped(drawing, [batch, steps, width]),
      drawing.fresh([width, 3 * hidden]),
      drawing.fresh([3 * hidden]),
    ];
    const lengths = Array.from({ length: batch }, () => drawing.between(1, steps));
    const mask = drawing.flag() ? [drawing.initializer(tensorOf('int32', [batch], lengths))] : [];
    return drawing.emit('com.microsoft.Attention', [...inputs, ...mask], {
      attributes: { num_heads: int(2), ...some(drawing, { unidirectional: int(1), scale: float(0.4) }) },
      bound: 6,
    });
  },
  lacks: 'float64',
};

const multiHeadAttention: Recipe = {
  draw: (drawing) => {
    const [batch, queries, keys] = [drawing.between(1, 2), drawing.between(1, 3), drawing.between(1, 3)];
    const hidden = 4;
    const inputs = [queries, keys, keys].map((steps) => shaped(drawing, [batch, steps, hidden]));
    const bias = drawing.flag() ? [drawing.fresh([3 * hidden])] : [];
    return drawing.emit('com.microsoft.MultiHeadAttention', [...inputs, ...bias], {
      attributes: { num_heads: int(2), ...some(drawing, { scale: float(0.4) }) },
      bound: 3,
    });
  },
  lacks: 'float64',
};

/** Attention, and what comes before it. */
export const attentionRecipes: Recipes = {
  Attention: attention,
  RotaryEmbedding: rotaryEmbedding,
  'com.microsoft.RotaryEmbedding': fusedRotaryEmbedding,
  'com.microsoft.Attention': packedAttention,
  'com.microsoft.MultiHeadAttention': multiHeadAttention,
};
