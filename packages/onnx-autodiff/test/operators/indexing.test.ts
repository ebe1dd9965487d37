import { describe, expect, it } from 'vitest';
import {
  coveredOperators,
  differentiate,
  GraphBuilder,
  tensorOf,
  valuesOf,
  type Attribute,
  type Tensor,
} from '../../src/index.ts';
import { floats, graphOf, ints, node } from '../models.ts';

interface Applied {
  /** Shape of `x`. */
  readonly shape: readonly number[];
  readonly attributes?: Readonly<Record<string, Attribute>>;
  /** Inputs after `x`. */
  readonly constants?: readonly Tensor[];
  readonly outputs?: readonly string[];
  readonly opset?: number;
}

/** A builder that holds one operator on `x` and constants. */
function builderOf(opType: string, applied: Applied): GraphBuilder {
  const { shape, attributes = {}, constants = [], outputs = ['y'], opset = 18 } = applied;
  const names = constants.map((_, index) => `constant${String(index)}`);
  const initializers = new Map(names.map((name, index) => [name, constants[index]!]));
  const graph = graphOf([node(opType, ['x', ...names], { outputs, attributes })], { initializers, opset });
  const builder = new GraphBuilder(graph, coveredOperators);
  builder.addInput('x', { elementType: 'float32', shape });
  for (const source of graph.nodes) builder.addSourceNode(source);
  return builder;
}

/** The same, differentiated. */
function differentiated(opType: string, applied: Applied): GraphBuilder {
  const builder = builderOf(opType, applied);
  const shape = [1, ...builder.shape('y')];
  builder.addInput('c', { elementType: 'float32', shape });
  differentiate(builder, { output: 'y', inputs: ['x'], cotangents: 'c' });
  return builder;
}

const int = (value: number) => ({ int: value });
const text = (value: string) => ({ string: value });
const indices = (shape: readonly number[], ...values: readonly number[]) => tensorOf('int64', shape, values);
const window = { kernel_shape: { ints: [2, 2] } };

describe('what the attributes and shapes of a file may not say', () => {
  const refused: readonly (readonly [string, Applied, RegExp])[] = [
    [
      'GatherElements',
      { shape: [2, 3], constants: [indices([2], 0, 1)] },
      /expected indices that fit the shape \[2, 3\] beside axis 0, got the shape \[2\]/,
    ],
    [
      'GatherElements',
      { shape: [2, 3], constants: [indices([1, 1], 0)], attributes: { axis: int(2) } },
      /expected an axis from -2 to 1, got 2/,
    ],
    [
      'ScatterElements',
      { shape: [2], constants: [indices([1], 0), floats([2], 1, 2)] },
      /expected updates of the shape \[1\] of the indices, got \[2\]/,
    ],
    [
      'ScatterElements',
      { shape: [2], constants: [indices([1], 0), floats([1], 1)], attributes: { reduction: text('mean') } },
      /expected the reduction none, add, mul, min or max, got "mean"/,
    ],
    [
      'TopK',
      { shape: [3], constants: [ints(4)], outputs: ['y', 'i'] },
      /expected a number k from 0 to the size 3 of axis 0, got 4/,
    ],
    [
      'GatherND',
      { shape: [2, 3], constants: [indices([1, 3], 0, 0, 0)] },
      /expected indices that fit the shape \[2, 3\] beyond 0 axes, got the shape \[1, 3\]/,
    ],
    [
      'GatherND',
      { shape: [2, 3], constants: [indices([3, 1], 0, 0, 0)], attributes: { batch_dims: int(1) } },
      /beyond 1 axes, got the shape \[3, 1\]/,
    ],
    [
      'ScatterND',
      { shape: [2, 3], constants: [indices([1, 1], 0), floats([3], 1, 2, 3)] },
      /expected updates of the shape \[1, 3\], got \[3\]/,
    ],
    [
      'MaxUnpool',
      {
        shape: [1, 1, 1, 1],
        constants: [indices([1, 1, 1, 1], 0)],
        attributes: { ...window, pads: { ints: [1, 1, 1, 1] } },
      },
      /expected a window that leads to a shape of 4 sizes, got \[1, 1, 0, 0\]/,
    ],
    [
      'Compress',
      { shape: [2], constants: [tensorOf('bool', [3], [0, 0, 1])] },
      /expected a condition that chooses among 2 slices, got one that is true at 2/,
    ],
    [
      'ReverseSequence',
      { shape: [2, 2], constants: [ints(1, 1)], attributes: { batch_axis: int(2), time_axis: int(0) } },
      /expected 0 and 1 for batch_axis and time_axis, got 2 and 0/,
    ],
    ['CumSum', { shape: [2], constants: [indices([], 1)] }, /expected an axis from -1 to 0, got 1/],
    ['EyeLike', { shape: [2] }, /expected a matrix, got the shape \[2\]/],
    ['NonZero', { shape: [2] }, /expected input 0 to be known before the network runs/],
    [
      'DepthToSpace',
      { shape: [1, 3, 2, 2], attributes: { blocksize: int(2) } },
      /expected an image \[N, C, H, W\] that blocks of 2 fill, got the shape \[1, 3, 2, 2\]/,
    ],
    ['SpaceToDepth', { shape: [1, 3, 2, 2] }, /blocks of 0 fill/],
    [
      'Col2Im',
      { shape: [1, 5, 4], constants: [ints(3, 3), ints(2, 2)] },
      /expected a multiple of 4 channels and 4 blocks, got 5 and 4/,
    ],
    ['CenterCropPad', { shape: [2, 3], constants: [ints(1)] }, /expected 2 sizes, got \[1\]/],
    ['LpPool', { shape: [1, 1, 2, 2], attributes: { ...window, p: int(0) } }, /expected p from 1 on, got 0/],
    [
      'GlobalLpPool',
      { shape: [1, 1, 2], attributes: { p: { float: 2.5 } }, opset: 1 },
      /expected a whole number p, got 2.5/,
    ],
    ['Cast', { shape: [1] }, /expected an element type to cast to, got none/],
    [
      'GridSample',
      { shape: [1, 1, 2, 2], constants: [floats([1, 1, 1, 3], 0, 0, 0)] },
      /expected coordinates \[1, …space, 2\], got the shape \[1, 1, 1, 3\]/,
    ],
    [
      'GridSample',
      { shape: [1, 1, 2, 2], constants: [floats([1, 1, 1, 2], 0, 0)], attributes: { mode: text('fast') } },
      /expected a mode nearest, linear or cubic and a padding_mode .*, got "fast" and "zeros"/,
    ],
    [
      'GridSample',
      {
        shape: [1, 1, 1, 1, 1, 1],
        constants: [floats([1, 1, 1, 1, 1, 4], 0, 0, 0, 0)],
      },
      /expected at most 3 spatial axes, got 4/,
    ],
    [
      'AffineGrid',
      { shape: [1, 2, 2], constants: [ints(1, 1, 2, 2)] },
      /expected matrices \[N, 2, 3\], got the shape \[1, 2, 2\]/,
    ],
    ['AffineGrid', { shape: [1, 2, 3], constants: [ints(1, 1, 2 ** 20, 2 ** 20)] }, /at most 4194304 places/],
  ];
  it.each(refused.map(([opType, applied, says]) => ({ opType, applied, says })))(
    '$opType: $says',
    ({ opType, applied, says }) => {
      expect(() => builderOf(opType, applied)).toThrow(says);
    },
  );

  const none = floats([0]);
  const resizes: readonly (readonly [Applied, RegExp])[] = [
    [
      { shape: [2], constants: [none, floats([1], 2)], attributes: { mode: text('best') } },
      /the mode nearest, linear or cubic, got "best"/,
    ],
    [
      { shape: [2], constants: [none, floats([1], 2)], attributes: { nearest_mode: text('up') } },
      /a known nearest_mode, got "up"/,
    ],
    [
      {
        shape: [2],
        constants: [none, floats([1], 2)],
        attributes: { coordinate_transformation_mode: text('toString') },
      },
      /a known coordinate_transformation_mode, got "toString"/,
    ],
    [
      { shape: [2], constants: [none, none, ints(3)], attributes: { keep_aspect_ratio_policy: text('no') } },
      /a known keep_aspect_ratio_policy, got "no"/,
    ],
    [{ shape: [2], constants: [none, floats([2], 1, 2)] }, /1 scales or sizes above 0, got \[1, 2\]/],
    [{ shape: [2], constants: [none, floats([1], -1)] }, /1 scales or sizes above 0, got \[-1\]/],
    [{ shape: [2], constants: [none, floats([1], NaN)] }, /1 scales or sizes above 0, got \[NaN\]/],
    [
      {
        shape: [2],
        constants: [none, floats([1], 2)],
        attributes: { coordinate_transformation_mode: text('tf_crop_and_resize') },
      },
      /a region of interest of 2 numbers, got \[\]/,
    ],
  ];
  it.each(resizes.map(([applied, says]) => ({ applied, says })))('Resize: $says', ({ applied, says }) => {
    expect(() => builderOf('Resize', applied)).toThrow(says);
  });

  it('sizes that would fill the memory with weights', () => {
    const applied = { shape: [1, 1, 8], attributes: { mode: text('linear') } };
    const constants = [none, none, ints(1, 1, 2 ** 24)];
    expect(() => differentiated('Resize', { ...applied, constants })).toThrow(/at most 4194304 places/);
    const scales = { ...applied, constants: [none, floats([3], 1, 1, 3e38)] };
    expect(() => builderOf('Resize', scales)).toThrow(/expected a tensor whose sizes are whole numbers/);
  });
});

describe('constants', () => {
  const folded = (opType: string, constants: readonly Tensor[], attributes: Applied['attributes'] = {}) => {
    const names = constants.map((_, index) => `constant${String(index)}`);
    const graph = graphOf([node(opType, names, { attributes })], {
      initializers: new Map(names.map((name, index) => [name, constants[index]!])),
    });
    const builder = new GraphBuilder(graph, coveredOperators);
    for (const source of graph.nodes) builder.addSourceNode(source);
    const tensor = builder.constantValue('y');
    return tensor && [...tensor.shape, ':', ...valuesOf(tensor)];
  };

  it('are looked through for what is not 0', () => {
    expect(folded('NonZero', [floats([2, 3], 0, 1, 0, 2, 0, 3)])).toEqual([2, 3, ':', 0, 1, 1, 1, 0, 2]);
  });

  it('are put on a diagonal', () => {
    expect(folded('EyeLike', [floats([2, 3], 0, 0, 0, 0, 0, 0)], { k: int(1) })).toEqual([
      2,
      3,
      ':',
      0,
      1,
      0,
      0,
      0,
      1,
    ]);
  });

  it('leave a rest with the sign of the divisor, or of the number', () => {
    const operands = [ints(-7, 7, -7), ints(3, -3, -3)];
    expect(folded('Mod', operands)).toEqual([3, ':', 2, -2, -1]);
    expect(folded('Mod', operands, { fmod: int(1) })).toEqual([3, ':', -1, 1, -1]);
  });

  it('are told apart', () => {
    const truths = (...values: readonly number[]) => tensorOf('bool', [values.length], values);
    expect(folded('Xor', [truths(0, 0, 1, 1), truths(0, 1, 0, 1)])).toEqual([4, ':', 0, 1, 1, 0]);
  });

  it('are picked by tuples that are known', () => {
    const picked = folded('GatherND', [ints(5, 6, 7, 8), indices([3, 1], 0, -1, 2)]);
    expect(picked).toEqual([3, ':', 5, 8, 7]);
  });
});

describe('products', () => {
  it('over rows of any length take as many steps as halvings', () => {
    const products = (size: number) => {
      const { nodes } = builderOf('ReduceProd', { shape: [size, 2], constants: [ints(0)] });
      return nodes.filter(({ opType }) => opType === 'Mul').length;
    };
    expect([1, 2, 3, 4, 5, 8, 9, 1000].map(products)).toEqual([0, 1, 2, 2, 3, 3, 4, 10]);
  });

  it('of nothing are 1', () => {
    const builder = builderOf('ReduceProd', { shape: [0, 2], constants: [ints(0)] });
    expect(builder.shape('y')).toEqual([1, 2]);
  });
});
