import type { GraphBuilder } from '../graph/graphBuilder.ts';
import type { ValueInfo } from '../model/graph.ts';

/** Where the batch stands in the inputs of a model. */
export interface BatchAxes {
  /** The axis in most tensors; 0 unless the caller says otherwise. */
  readonly usual: number;
  /** Names that the model gives the size of the batch. */
  readonly names: ReadonlySet<string>;
  /** The size of the batch that the model was exported for; undefined if it takes any. */
  readonly size: number | undefined;
}

/** The batch axes of a model, from the inputs that come with each sample. */
export function batchAxes(inputs: readonly ValueInfo[], usual: number): BatchAxes {
  const sizes = inputs.map(({ shape = [] }) => (shape.length > 1 ? shape[usual] : undefined));
  const known = sizes.filter((size) => typeof size === 'number' && size > 0);
  return {
    usual,
    names: new Set(
      inputs.flatMap(({ shape = [] }) => (typeof shape[usual] === 'string' ? [shape[usual]] : [])),
    ),
    size: sizes.length === known.length ? (known[0] as number | undefined) : undefined,
  };
}

/** The axis whose size has a name of the batch: the usual one, if it has. */
function namedAxis({ shape = [] }: ValueInfo, { usual, names }: BatchAxes): number | undefined {
  const named = shape.flatMap((size, axis) => (typeof size === 'string' && names.has(size) ? [axis] : []));
  return named.includes(usual) ? usual : named[0];
}

/** The axis of a known size that is the batch's, the first one preferred. */
function sizedAxis({ shape = [] }: ValueInfo, { usual, size }: BatchAxes): number | undefined {
  if (size === undefined || shape.length < 2) return undefined;
  if (shape[usual] === size) return usual;
  const axis = shape.indexOf(size);
  return axis === -1 ? undefined : axis;
}

/**
 * The batch axis of an input that comes with each sample; undefined if it has none. An input with a single axis of fixed size
 * takes one sample at a time, without a batch axis.
 */
export function sampleAxis(input: ValueInfo, axes: BatchAxes): number | undefined {
  const { shape } = input;
  if (shape === undefined) return axes.usual;
  const found = namedAxis(input, axes) ?? sizedAxis(input, axes);
  if (found !== undefined) return found;
  if (shape.length > 1) return Math.min(axes.usual, shape.length - 1);
  return shape.length === 1 && typeof shape[0] !== 'number' ? 0 : undefined;
}

/** The batch axis of an input with a fixed value, such as a state; undefined if it has none. */
export function fixedAxis(input: ValueInfo, axes: BatchAxes): number | undefined {
  const { shape = [] } = input;
  const open = shape.flatMap((size, axis) => (typeof size === 'number' ? [] : [axis]));
  const unnamed = open.includes(axes.usual) ? axes.usual : open[0];
  return namedAxis(input, axes) ?? unnamed ?? sizedAxis(input, axes);
}

/**
 * The axis of a tensor that has a row for each of n samples: the usual one, if it has that size. Of several axes of that size it is
 * the one that grows with the batch.
 *
 * @returns undefined if no axis has that size.
 */
export function rowAxis(
  shape: readonly number[],
  {
    n,
    usual,
    larger,
  }: {
    readonly n: number;
    readonly usual: number;
    /** The shape for n + 1 samples, if the model takes any number. */
    readonly larger: () => readonly number[] | undefined;
  },
): number | undefined {
  const axes = shape.flatMap((size, axis) => (size === n ? [axis] : []));
  const other = axes.length > 1 ? larger() : undefined;
  const growing = axes.filter((axis) => other?.[axis] === n + 1);
  const found = growing.length > 0 ? growing : axes;
  return found.includes(usual) ? usual : found[0];
}

/** Moves an axis of a tensor to the front, or behind the axes that stay there. */
export function toFront(
  builder: GraphBuilder,
  name: string,
  { axis, front }: { readonly axis: number; readonly front: number },
): string {
  if (axis === front) return name;
  const axes = builder.shape(name).map((_, place) => place);
  return builder.transpose(name, axes.toSpliced(axis, 1).toSpliced(front, 0, axis));
}
