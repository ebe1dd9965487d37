/**
 * Sums of many float32 numbers. An engine adds them one by one: beyond some thousand numbers the sum has no digits left for
 * each of them (10⁶ numbers around 100 are off by 10⁻² in ONNX Runtime). Here blocks are added up first, then the sums of the
 * blocks, so that no sum has more than {@link LONGEST} terms.
 */
import type { TensorBuilder } from '../../graph/tensorBuilder.ts';
import type { Node } from '../../model/graph.ts';
import { sizeOf } from '../../model/tensor.ts';

/** The most float32 numbers that an engine adds up at once. */
const LONGEST = 1024;
/** The most numbers of a block. */
const LARGEST_BLOCK = 256;
/** The fewest numbers of a block, if blocks of one size are to fill an axis. */
const SMALLEST_BLOCK = 16;

/** Whether a sum of so many elements of a tensor is added up in blocks. */
export function isLongSum(builder: TensorBuilder, x: string, count: number): boolean {
  return count > LONGEST && builder.type(x).elementType === 'float32';
}

/** Axes side by side, all of them reduced or none. */
interface Run {
  readonly size: number;
  readonly isReduced: boolean;
}

function joined(runs: readonly Run[]): readonly Run[] {
  const found: Run[] = [];
  for (const { size, isReduced } of runs) {
    const last = found.at(-1);
    if (size === 1) continue;
    if (last?.isReduced === isReduced) found[found.length - 1] = { size: last.size * size, isReduced };
    else found.push({ size, isReduced });
  }
  return found;
}

/** The number of elements in a block of an axis: a divisor of its size, or else one that needs little padding. */
function blockSize(size: number, most: number): number {
  const sizes = Array.from({ length: most }, (_, index) => most - index);
  const divisor = sizes.find((block) => block >= SMALLEST_BLOCK && size % block === 0);
  if (divisor !== undefined) return divisor;
  const padding = (block: number) => Math.ceil(size / block) * block - size;
  return sizes
    .filter((block) => 2 * block > most)
    .reduce((best, block) => (padding(block) < padding(best) ? block : best));
}

/** The axes that a run becomes: blocks and the elements of a block, or the run as it is. */
interface Opened {
  readonly run: Run;
  /** Elements that are reduced at once; 1 if the run waits. */
  readonly block: number;
}

/** Takes up to {@link LARGEST_BLOCK} elements at once, from the last axes on. */
function openedRuns(runs: readonly Run[]): readonly Opened[] {
  let most = LARGEST_BLOCK;
  return runs
    .toReversed()
    .map((run) => {
      const waits = !run.isReduced || (most < SMALLEST_BLOCK && run.size > most);
      const block = waits ? 1 : run.size <= most ? run.size : blockSize(run.size, most);
      most = block < run.size && run.isReduced ? 1 : Math.floor(most / block);
      return { run, block };
    })
    .toReversed();
}

/** Adds the sum of a tensor over some axes, which it leaves out, and returns its name. */
type Sum = (x: string, axes: readonly number[]) => string;

/** One stage of a {@link blockedSum}: the tensor and its runs afterward. */
function stage(
  builder: TensorBuilder,
  { x, runs }: { readonly x: string; readonly runs: readonly Run[] },
  { sum, padding }: { readonly sum: Sum; readonly padding: number },
): { readonly x: string; readonly runs: readonly Run[] } {
  const opened = openedRuns(runs);
  const missing = opened.map(({ run, block }) => Math.ceil(run.size / block) * block - run.size);
  const isFull = missing.every((count) => count === 0);
  const pads = [...missing.map(() => 0), ...missing];
  const full = isFull ? x : builder.pad(x, pads, builder.scalar(padding, x));
  const axes = opened.flatMap(({ run, block }) =>
    run.isReduced ? [Math.ceil(run.size / block), block] : [run.size],
  );
  const places = opened.flatMap(({ run }) => (run.isReduced ? [false, true] : [false]));
  const blocks = builder.reshape(full, axes);
  const sums = sum(
    blocks,
    places.flatMap((isBlock, axis) => (isBlock ? [axis] : [])),
  );
  const rest = joined(
    opened.map(({ run, block }) => ({
      ...run,
      size: run.isReduced ? Math.ceil(run.size / block) : run.size,
    })),
  );
  return {
    x: builder.reshape(
      sums,
      rest.map(({ size }) => size),
    ),
    runs: rest,
  };
}

/** A sum over axes. */
export interface LongSum {
  readonly axes: readonly number[];
  /** The sum of numbers. Defaults to ReduceSum. */
  readonly first?: Sum;
  /** The sum of such sums. Defaults to ReduceSum. */
  readonly next?: Sum;
  /** A number that adds nothing. Defaults to 0. */
  readonly padding?: number;
}

/** The sum of a tensor over axes, which it leaves out, in blocks. */
function blockedSum(builder: TensorBuilder, x: string, long: LongSum): string {
  const reduceSum: Sum = (name, axes) => builder.reduceSum(name, axes, { keepDims: false });
  const { axes, first = reduceSum, next = reduceSum, padding = 0 } = long;
  const shape = builder.shape(x);
  let runs = joined(shape.map((size, axis) => ({ size, isReduced: axes.includes(axis) })));
  let blocks = builder.reshape(
    x,
    runs.map(({ size }) => size),
  );
  let sum = first;
  const count = () => runs.reduce((total, { size, isReduced }) => (isReduced ? total * size : total), 1);
  while (count() > LONGEST) {
    ({ x: blocks, runs } = stage(builder, { x: blocks, runs }, { sum, padding }));
    sum = next;
  }
  const total = sum(
    blocks,
    runs.flatMap(({ isReduced }, axis) => (isReduced ? [axis] : [])),
  );
  return builder.reshape(
    total,
    shape.filter((_, axis) => !axes.includes(axis)),
  );
}

/** The reductions of {@link blockedReduction}, by operator. */
type LongReduction = (builder: TensorBuilder, node: Node, axes: readonly number[]) => string;

const inputOf = ({ inputs }: Node) => inputs[0] ?? '';

/** The node for other axes, which it leaves out. */
const own = (builder: TensorBuilder, node: Node): Sum => {
  return (x, axes) =>
    builder.copy(node, { inputs: [x, builder.ints(axes)], attributes: { keepdims: { int: 0 } } })[0] ?? '';
};

const total: LongReduction = (builder, node, axes) =>
  blockedSum(builder, inputOf(node), { axes, first: own(builder, node) });

const squares: LongReduction = (builder, node, axes) =>
  blockedSum(builder, inputOf(node), {
    axes,
    first: (x, places) => builder.reduceSumSquare(x, places, { keepDims: false }),
  });

const longReductions: Readonly<Record<string, LongReduction>> = {
  ReduceSum: total,
  ReduceL1: total,
  ReduceSumSquare: total,
  ReduceMean: (builder, node, axes) => {
    const shape = builder.shape(inputOf(node));
    const sum = blockedSum(builder, inputOf(node), { axes });
    return builder.div(sum, sizeOf(axes.map((axis) => shape[axis] ?? 1)));
  },
  ReduceL2: (builder, node, axes) => builder.sqrt(squares(builder, node, axes)),
  ReduceLogSum: (builder, node, axes) => builder.log(blockedSum(builder, inputOf(node), { axes })),
  ReduceLogSumExp: (builder, node, axes) =>
    blockedSum(builder, inputOf(node), {
      axes,
      first: own(builder, node),
      next: own(builder, node),
      padding: -Infinity,
    }),
};

/** The node of a reduction over many float32 numbers, in blocks; undefined if the engine's own will do. */
export function blockedReduction(
  builder: TensorBuilder,
  node: Node,
  { axes, output }: { readonly axes: readonly number[]; readonly output: readonly number[] },
): string | undefined {
  const shape = builder.shape(inputOf(node));
  const reduction = longReductions[node.opType];
  const count = sizeOf(axes.map((axis) => shape[axis] ?? 1));
  if (reduction === undefined || !isLongSum(builder, inputOf(node), count)) return undefined;
  return builder.reshape(reduction(builder, node, axes), output);
}

/** Where cumulative sums begin, and whether each leaves out its own element. */
export interface CumulativeSum {
  readonly axis: number;
  readonly exclusive: number;
  readonly reverse: number;
}

/** Cumulative sums over many numbers: those within a block, and those of the blocks before it. */
export function blockedCumSum(builder: TensorBuilder, x: string, sums: CumulativeSum): string {
  const { axis, exclusive, reverse } = sums;
  const shape = builder.shape(x);
  const size = shape[axis] ?? 1;
  if (size <= LONGEST) return builder.cumSum(x, axis, { exclusive, reverse });
  const block = blockSize(size, LARGEST_BLOCK);
  const count = Math.ceil(size / block);
  const missing = count * block - size;
  const none = shape.map(() => 0);
  const padded = missing === 0 ? x : builder.pad(x, [...none, ...none.with(axis, missing)]);
  const blocks = builder.reshape(padded, shape.toSpliced(axis, 1, count, block));
  const within = builder.cumSum(blocks, axis + 1, { exclusive, reverse });
  const totals = builder.reduceSum(blocks, [axis + 1], { keepDims: false });
  const before = blockedCumSum(builder, totals, { axis, exclusive: 1, reverse });
  const moved = builder.add(within, builder.unsqueeze(before, [axis + 1]));
  const whole = builder.reshape(moved, shape.with(axis, count * block));
  return missing === 0 ? whole : builder.slice(whole, { starts: [0], ends: [size], axes: [axis] });
}
