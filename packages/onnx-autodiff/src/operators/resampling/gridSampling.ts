/**
 * GridSample and AffineGrid: an image is read at coordinates that are data themselves. Both are written in simpler
 * operators, which give derivatives to the image, the coordinates and the matrices.
 *
 *     AffineGrid   coordinates = base coordinates · θᵀ
 *     GridSample   y = Σ over the neighbors of a coordinate of (product of their weights per axis) · x there
 *
 * The neighbors along an axis: the nearest one; two with the weights 1 − t and t; or four with those of Keys' cubic.
 * Places outside count as 0, as the border, or are mirrored, as `padding_mode` says.
 */
import { EdjmError } from '@edjm/core';
import type { TensorBuilder } from '../../graph/tensorBuilder.ts';
import { describeNode, intAttribute, stringAttribute, type Node } from '../../model/graph.ts';
import type { Composite } from '../../graph/operator.ts';
import { sizeOf, tensorOf } from '../../model/tensor.ts';
import { checkTable, placeTable } from '../indexing/placeTable.ts';

type Shape = readonly number[];

/** A neighbor of each coordinate along one axis. */
interface Neighbor {
  /** Its place, a whole number within the axis. */
  readonly place: string;
  /** Undefined if it is 1. */
  readonly weight: string | undefined;
}

/** How an axis is read. */
interface Reading {
  readonly size: number;
  readonly alignCorners: boolean;
  readonly padding: string;
  readonly mode: string;
}

/** Mirrors coordinates at the ends of the axis until they lie inside. */
function mirrored(builder: TensorBuilder, at: string, { size, alignCorners }: Reading): string {
  const { add, mul } = builder;
  const low = alignCorners ? 0 : -0.5;
  const length = alignCorners ? size - 1 : size;
  if (length === 0) return mul(at, 0);
  const distance = builder.abs(add(at, -low));
  // Back and forth with the period of two lengths: length − |distance mod 2 length − length|.
  const periods = builder.floor(mul(distance, 1 / (2 * length)));
  const inPeriod = add(distance, mul(periods, -2 * length));
  const folded = mul(builder.abs(add(inPeriod, -length)), -1);
  return add(folded, length + low);
}

function withinAxis(builder: TensorBuilder, at: string, reading: Reading): string {
  const { padding, size } = reading;
  if (padding === 'zeros') return at;
  const inside = padding === 'reflection' ? mirrored(builder, at, reading) : at;
  return builder.clip(inside, 0, size - 1);
}

/** Keys' cubic with a = −3/4 at the distances 1 + t, t, 1 − t, 2 − t. */
function cubicWeights({ add, mul }: TensorBuilder, t: string): readonly string[] {
  const a = -0.75;
  const near = (d: string) => add(mul(mul(add(mul(d, a + 2), -(a + 3)), d), d), 1);
  const far = (d: string) => add(mul(add(mul(add(mul(d, a), -5 * a), d), 8 * a), d), -4 * a);
  const rest = add(mul(t, -1), 1);
  return [far(add(t, 1)), near(t), near(rest), far(add(rest, 1))];
}

/** The neighbors of coordinates, −1 to 1 over the axis, with their weights. */
function neighbors(builder: TensorBuilder, coordinate: string, reading: Reading): readonly Neighbor[] {
  const { add, mul } = builder;
  const { size, alignCorners, padding, mode } = reading;
  const scale = (alignCorners ? size - 1 : size) / 2;
  const at = add(mul(coordinate, scale), (size - 1) / 2);
  const bounded = (place: string, weight: string | undefined): Neighbor => {
    if (padding !== 'zeros') return { place: builder.clip(place, 0, size - 1), weight };
    const inside = builder.clip(place, 0, size - 1);
    const counts = builder.cast(builder.equal(inside, place), builder.type(place).elementType);
    return { place: inside, weight: weight === undefined ? counts : mul(weight, counts) };
  };
  if (mode === 'nearest') return [bounded(builder.round(withinAxis(builder, at, reading)), undefined)];
  if (mode === 'linear') {
    const inside = withinAxis(builder, at, reading);
    const first = builder.floor(inside);
    const t = builder.sub(inside, first);
    return [bounded(first, add(mul(t, -1), 1)), bounded(add(first, 1), t)];
  }
  const first = builder.floor(at);
  return cubicWeights(builder, builder.sub(at, first)).map((weight, step) =>
    bounded(withinAxis(builder, add(first, step - 1), reading), weight),
  );
}

/** The most axes: the number of neighbors grows exponentially with it. */
const MOST_AXES = 3;

const modes = new Map([
  ['bilinear', 'linear'],
  ['bicubic', 'cubic'],
]);

function readingOf(node: Node): Omit<Reading, 'size'> {
  const given = stringAttribute(node, 'mode', 'linear');
  const mode = modes.get(given) ?? given;
  const padding = stringAttribute(node, 'padding_mode', 'zeros');
  if (
    !['nearest', 'linear', 'cubic'].includes(mode) ||
    !['zeros', 'border', 'reflection'].includes(padding)
  ) {
    throw new EdjmError(
      'INVALID_FILE',
      `${describeNode(node)}: expected a mode nearest, linear or cubic and a padding_mode zeros, border or reflection, got "${given}" and "${padding}".`,
    );
  }
  return { mode, padding, alignCorners: intAttribute(node, 'align_corners', 0) !== 0 };
}

/** All ways of choosing one from each list. */
function combinations<T>(lists: readonly (readonly T[])[]): readonly (readonly T[])[] {
  return lists.reduce<readonly (readonly T[])[]>(
    (all, list) => all.flatMap((chosen) => list.map((one) => [...chosen, one])),
    [[]],
  );
}

const gridSample: Composite = {
  rewrite: ({ node, builder, input }) => {
    const [n = 1, c = 1, ...space] = builder.shape(input(0));
    const [gridN = 1, ...rest] = builder.shape(input(1));
    const output = rest.slice(0, -1);
    if (gridN !== n || rest.at(-1) !== space.length || output.length !== space.length || space.length === 0) {
      throw new EdjmError(
        'SHAPE_MISMATCH',
        `${describeNode(node)}: expected coordinates [${String(n)}, …space, ${String(space.length)}], got the shape [${builder.shape(input(1)).join(', ')}].`,
      );
    }
    if (space.length > MOST_AXES) {
      throw new EdjmError(
        'UNSUPPORTED',
        `${describeNode(node)}: expected at most ${String(MOST_AXES)} spatial axes, got ${String(space.length)}.`,
      );
    }
    const count = sizeOf(output);
    const reading = readingOf(node);
    const { add, mul } = builder;
    const image = builder.reshape(input(0), [n, c, sizeOf(space)]);
    const perAxis = space.map((size, axis) => {
      // The last coordinate belongs to the first axis.
      const index = builder.constant(tensorOf('int64', [], [space.length - 1 - axis]));
      const coordinate = builder.gather(input(1), index, -1);
      return neighbors(builder, builder.reshape(coordinate, [n, 1, count]), { ...reading, size });
    });
    const terms = combinations(perAxis).map((chosen) => {
      const places = chosen.map(({ place }, axis) => mul(place, sizeOf(space.slice(axis + 1))));
      const flat = builder.cast(places.reduce(add), 'int64');
      const wide = builder.expand(flat, [n, c, count]);
      const values = builder.gatherElements(image, wide, 2);
      const weights = chosen.flatMap(({ weight }) => (weight === undefined ? [] : [weight]));
      return weights.length === 0 ? values : mul(values, weights.reduce(mul));
    });
    return [builder.reshape(terms.reduce(add), [n, c, ...output])];
  },
};

/** −1 to 1 over an axis: from border to border, or from the middle of the first place to the middle of the last. */
function baseCoordinates(node: Node, size: number): readonly number[] {
  const isAligned = intAttribute(node, 'align_corners', 0) !== 0;
  if (isAligned) return placeTable(node, size, (place) => (size === 1 ? 0 : (2 * place) / (size - 1) - 1));
  return placeTable(node, size, (place) => (2 * place + 1) / size - 1);
}

const affineGrid: Composite = {
  rewrite: ({ node, builder, input, constant }) => {
    const [, , ...space] = constant(1) ?? [];
    const { elementType, shape } = builder.type(input(0));
    const [n = 1, rows = 0, columns = 0] = shape;
    if (shape.length !== 3 || rows !== space.length || columns !== rows + 1) {
      throw new EdjmError(
        'SHAPE_MISMATCH',
        `${describeNode(node)}: expected matrices [N, ${String(space.length)}, ${String(space.length + 1)}], got the shape [${shape.join(', ')}].`,
      );
    }
    checkTable(node, sizeOf(space) * columns);
    const axes = space.map((size) => baseCoordinates(node, size));
    const points = combinations(axes).flatMap((point) => [...point.toReversed(), 1]);
    const base: Shape = [sizeOf(space), columns];
    const transposed = builder.transpose(input(0), [0, 2, 1]);
    const grid = builder.matMul(builder.constant(tensorOf(elementType, base, points)), transposed);
    return [builder.reshape(grid, [n, ...space, rows])];
  },
};

/** GridSample, AffineGrid. */
export const gridSamplings: Readonly<Record<string, Composite>> = {
  GridSample: gridSample,
  AffineGrid: affineGrid,
};
