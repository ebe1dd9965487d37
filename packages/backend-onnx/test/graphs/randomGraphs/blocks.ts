import { float, int, ints, some, string, type Recipe, type Recipes } from './recipe.ts';

const depthToSpace: Recipe = {
  draw: (drawing) => {
    const where = (shape: readonly number[]) => shape[1]! % 4 === 0;
    const x = drawing.tensor({
      ranks: [4, 4],
      where,
      fresh: () => [drawing.between(1, 2), 4, 1, drawing.between(1, 3)],
    });
    const mode = drawing.oneOf(['DCR', 'CRD']);
    return drawing.emit('DepthToSpace', [x], {
      attributes: { blocksize: int(2), ...some(drawing, { mode: string(mode) }) },
    });
  },
};

const spaceToDepth: Recipe = {
  draw: (drawing) => {
    const where = (shape: readonly number[]) => shape[2]! % 2 === 0 && shape[3]! % 2 === 0;
    const x = drawing.tensor({
      ranks: [4, 4],
      where,
      fresh: () => [1, drawing.between(1, 3), 2, 2 * drawing.between(1, 2)],
    });
    return drawing.emit('SpaceToDepth', [x], { attributes: { blocksize: int(2) } });
  },
};

const col2Im: Recipe = {
  draw: (drawing) => {
    const image = [drawing.between(2, 4), drawing.between(2, 3)];
    const block = image.map((size) => drawing.between(1, Math.min(2, size)));
    const stride = drawing.between(1, 2);
    const pad = drawing.below(2);
    const windows = image.map((size, axis) => Math.floor((size + pad - block[axis]!) / stride) + 1);
    const shape = [1, drawing.between(1, 2) * block[0]! * block[1]!, windows[0]! * windows[1]!];
    const x = drawing.shaped(shape);
    return drawing.emit('Col2Im', [x, drawing.ints(...image), drawing.ints(...block)], {
      attributes: { strides: ints([stride, stride]), pads: ints([pad, pad, 0, 0]) },
      bound: 4 * drawing.boundOf(x),
    });
  },
  since: 18,
  single: true,
};

const centerCropPad: Recipe = {
  draw: (drawing) => {
    const x = drawing.tensor({ ranks: [1, 4] });
    const shape = drawing.shapeOf(x);
    const sizes = shape.map((size) => Math.max(1, size + drawing.between(-2, 2)));
    const axis = drawing.below(shape.length);
    return drawing.flag()
      ? drawing.emit('CenterCropPad', [x, drawing.ints(...sizes)])
      : drawing.emit('CenterCropPad', [x, drawing.ints(sizes[axis]!)], {
          attributes: { axes: ints([axis - shape.length]) },
        });
  },
  since: 18,
};

/** Norms of windows, of numbers above 0. */
const lpPool: Recipe = {
  draw: (drawing) => {
    const fresh = () => [1, drawing.between(1, 2), drawing.between(2, 4), drawing.between(2, 4)];
    const x = drawing.positive(drawing.tensor({ ranks: [3, 4], fresh }));
    const space = drawing.shapeOf(x).slice(2);
    const kernel = space.map((size) => drawing.between(1, Math.min(2, size)));
    return drawing.emit('LpPool', [x], {
      attributes: {
        kernel_shape: ints(kernel),
        ...some(drawing, { p: int(drawing.between(1, 3)), strides: ints(kernel) }),
      },
      bound: 9,
    });
  },
  single: true,
};

const globalLpPool: Recipe = {
  draw: (drawing) => {
    const x = drawing.positive(drawing.tensor({ ranks: [3, 5] }));
    return drawing.emit('GlobalLpPool', [x], {
      attributes: some(drawing, { p: int(drawing.between(1, 3)) }),
      bound: 20,
    });
  },
  single: true,
  until: 21,
};

/** A contraction whose letters are those of a random tensor. */
const einsum: Recipe = {
  draw: (drawing) => {
    const x = drawing.within(drawing.tensor({ ranks: [1, 4] }), 1);
    const shape = drawing.shapeOf(x);
    const sizes = new Map(shape.map((size, axis) => ['abcd'[axis]!, size]));
    const letters = [...sizes.keys()];
    sizes.set('z', drawing.between(1, 3));
    const second = [...letters.filter(() => drawing.flag()), ...(drawing.flag() ? ['z'] : [])].toReversed();
    const y = drawing.within(drawing.shaped(second.map((letter) => sizes.get(letter)!)), 1);
    const kept = [...new Set([...second, ...letters])].filter(() => drawing.below(3) > 0);
    const equation = `${letters.join('')},${second.join('')}->${kept.join('')}`;
    const summed = [...new Set([...letters, ...second])].filter((letter) => !kept.includes(letter));
    const bound = summed.reduce((product, letter) => product * sizes.get(letter)!, 1);
    return drawing.emit('Einsum', [x, y], { attributes: { equation: string(equation) }, bound });
  },
};

/** With as many axes for which one letter stands as there are, and a diagonal. */
const wideEinsum: Recipe = {
  draw: (drawing) => {
    const size = drawing.between(1, 3);
    const x = drawing.within(
      drawing.tensor({
        ranks: [2, 4],
        where: (shape) => shape.at(-1) === shape.at(-2),
        fresh: () => [...drawing.shape([0, 2]), size, size],
      }),
      1,
    );
    const equation = drawing.oneOf([
      '...ii->...i',
      '...ii->i...',
      '...ij->j...i',
      '...ij,...ij->...',
      '...ii->...',
    ]);
    const inputs = equation.includes(',') ? [x, x] : [x];
    return drawing.emit('Einsum', inputs, { attributes: { equation: string(equation) }, bound: 9 });
  },
};

const lrn: Recipe = {
  draw: (drawing) => {
    const x = drawing.tensor({ ranks: [4, 4] });
    return drawing.emit('LRN', [x], {
      attributes: {
        // The engine takes odd sizes alone.
        size: int(2 * drawing.below(3) + 1),
        ...some(drawing, { alpha: float(0.6), beta: float(0.5), bias: float(1.5) }),
      },
      bound: 2 * drawing.boundOf(x),
    });
  },
  lacks: 'float64',
};

/** Blocks of images, and sums over products with named axes. */
export const blockRecipes: Recipes = {
  DepthToSpace: depthToSpace,
  SpaceToDepth: spaceToDepth,
  Col2Im: col2Im,
  CenterCropPad: centerCropPad,
  LpPool: lpPool,
  GlobalLpPool: globalLpPool,
  LRN: lrn,
  Einsum: einsum,
  'Einsum with an ellipsis': wideEinsum,
};
