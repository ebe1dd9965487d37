import { attributesFrom, type ResizeAttributes, type ScatterAttributes } from './attributes.ts';
import { ElementwiseWriter } from './elementwiseWriter.ts';

/** A part of a tensor: one number for each axis named; axes default to the first ones, steps to 1. */
export interface SliceRange {
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  readonly axes?: readonly number[];
  readonly steps?: readonly number[];
}

/** Adds nodes that move, repeat, pick and place elements. */
export abstract class ArrangingWriter extends ElementwiseWriter {
  /** A constant vector of 64-bit integers, as axes and shapes are given. */
  abstract ints(values: readonly number[]): string;

  /** The same elements in another shape. */
  reshape(x: string, shape: readonly number[]): string {
    return this.one('Reshape', [x, this.ints(shape)]);
  }

  /** A matrix: axes from the second on as one. */
  flatten(x: string): string {
    return this.one('Flatten', [x]);
  }

  /** x with axes of size 1 put in. */
  unsqueeze(x: string, axes: readonly number[]): string {
    return this.one('Unsqueeze', [x, this.ints(axes)]);
  }

  /** x with its axes in the order that `perm` lists them. */
  transpose(x: string, perm: readonly number[]): string {
    return this.one('Transpose', [x], { perm: { ints: perm } });
  }

  /** Tensors side by side along an axis. */
  concat(names: readonly string[], axis: number): string {
    return this.one('Concat', names, { axis: { int: axis } });
  }

  /** The parts of x along an axis, of the given sizes. */
  split(x: string, sizes: readonly number[], axis: number): readonly string[] {
    return this.write({
      opType: 'Split',
      inputs: [x, this.ints(sizes)],
      attributes: { axis: { int: axis } },
      outputs: sizes.length,
    });
  }

  /** The elements of x in a range. */
  slice(x: string, { starts, ends, axes, steps }: SliceRange): string {
    const rest = [axes, steps].map((values) => (values === undefined ? '' : this.ints(values)));
    const given = rest.slice(0, 1 + rest.findLastIndex((name) => name !== ''));
    return this.one('Slice', [x, this.ints(starts), this.ints(ends), ...given]);
  }

  /** x with elements around it: counts before each axis, then after each; negative ones crop. The value is 0 by default. */
  pad(x: string, pads: readonly number[], value?: string): string {
    return this.one('Pad', [x, this.ints(pads), ...(value === undefined ? [] : [value])]);
  }

  /** x repeated along axes of size 1. */
  expand(x: string, shape: readonly number[]): string {
    return this.one('Expand', [x, this.ints(shape)]);
  }

  /** Slices of x at the given places of an axis. */
  gather(x: string, places: string, axis: number): string {
    return this.one('Gather', [x, places], { axis: { int: axis } });
  }

  /** Elements of x, each at its place on an axis. */
  gatherElements(x: string, places: string, axis: number): string {
    return this.one('GatherElements', [x, places], { axis: { int: axis } });
  }

  /** x with updates put at their places on an axis, or added to what is there. */
  scatterElements(
    [x, places, updates]: readonly [string, string, string],
    attributes: ScatterAttributes = {},
  ): string {
    return this.one('ScatterElements', [x, places, updates], attributesFrom(attributes));
  }

  /** x with updates put at places that are given by all their coordinates. */
  scatterND(x: string, places: string, updates: string): string {
    return this.one('ScatterND', [x, places, updates]);
  }

  /** One of two values: the second at each place, the first elsewhere, along a new axis of the given length. */
  oneHot([places, length, values]: readonly [string, string, string], axis: number): string {
    return this.one('OneHot', [places, length, values], { axis: { int: axis } });
  }

  /** The numbers from a first one to below a limit, by steps; all three are scalars. */
  range(start: string, limit: string, step: string): string {
    return this.one('Range', [start, limit, step]);
  }

  /** x resampled along its axes by a vector of scales. */
  resize(x: string, scales: string, attributes: ResizeAttributes): string {
    return this.one('Resize', [x, '', scales], attributesFrom(attributes));
  }

  /** A sequence of tensors. */
  sequenceConstruct(names: readonly string[]): string {
    return this.one('SequenceConstruct', names);
  }
}
