import { EdjmError } from '@edjm/core';
import type { ValueInfo } from '../model/graph.ts';
import type { GraphBuilder } from '../graph/graphBuilder.ts';
import { type BatchAxes, batchAxes, fixedAxis, sampleAxis } from './batchAxis.ts';
import { isNumeric, sizeOf, tensorOf, type ElementType } from '../model/tensor.ts';

/** A value for an input that is not taken from the data: one number for every element, or an array. */
export type FixedValue = number | { readonly shape: readonly number[]; readonly data: ArrayLike<number> };

/** An input that comes with every sample: some of the sample's values, in row-major order. */
export interface SampleInput {
  readonly name: string;
  readonly elementType: ElementType;
  /** Without the batch axis. */
  readonly shape: readonly number[];
  readonly size: number;
  /** The place of its first value in the sample. */
  readonly offset: number;
  /** Where the batch stands in the model's tensor; undefined if the model takes one sample without a batch axis. */
  readonly batchAxis: number | undefined;
  /** The batch size that the model was exported for; undefined if it takes any. */
  readonly fixedBatchSize: number | undefined;
}

/** The caller's knowledge of the inputs, which adds to the model's declarations. */
export interface InputOptions {
  /** For messages. */
  readonly model: string;
  readonly fixed: ReadonlyMap<string, FixedValue>;
  /** Shape of one sample, for all inputs or by name, if the model leaves more than the batch open. */
  readonly inputShape: readonly number[] | Readonly<Record<string, readonly number[]>>;
  /** Where the batch stands. Defaults to 0. */
  readonly batchAxis?: number | undefined;
  /** Shape of a sample of the data, which tells sizes that the model leaves open. */
  readonly dataShape?: readonly number[] | undefined;
}

function isShape(shape: InputOptions['inputShape']): shape is readonly number[] {
  return Array.isArray(shape);
}

/** The batch axes of a model. */
function axesOf(inputs: readonly ValueInfo[], { fixed, batchAxis = 0 }: InputOptions): BatchAxes {
  return batchAxes(
    inputs.filter(({ name }) => !fixed.has(name)),
    batchAxis,
  );
}

const withoutAxis = <T>(shape: readonly T[], axis: number | undefined): readonly T[] =>
  axis === undefined ? shape : shape.toSpliced(axis, 1);

const isKnown = (size: number | string | undefined): size is number => typeof size === 'number' && size > 0;

/** Sizes with those of the data in place of what the model leaves open; undefined if the data do not tell them. */
function toldByData(
  sample: ValueInfo['shape'],
  dataShape: readonly number[] | undefined,
): readonly number[] | undefined {
  if (sample === undefined || dataShape === undefined) return undefined;
  if (sample.length === dataShape.length)
    return sample.every((size, axis) => !isKnown(size) || size === dataShape[axis]) ? dataShape : undefined;
  const known = sizeOf(sample.filter(isKnown));
  const isFlat = dataShape.length === 1 && sample.filter(isKnown).length === sample.length - 1;
  const last = sizeOf(dataShape) / known;
  return isFlat && Number.isInteger(last) ? sample.map((size) => (isKnown(size) ? size : last)) : undefined;
}

/** Whether a shape that was given agrees with the sizes that the model fixes. */
function fitsDeclared(given: readonly number[], sample: ValueInfo['shape']): boolean {
  if (sample === undefined) return true;
  return (
    given.length === sample.length && sample.every((size, axis) => !isKnown(size) || size === given[axis])
  );
}

/** The shape of one sample of an input whose batch stands at the given axis. */
function sampleShape(
  input: ValueInfo,
  axis: number | undefined,
  { model, inputShape, fixed, dataShape, batchAxis }: InputOptions,
): readonly number[] {
  const { name, shape } = input;
  // A shape without a name is the data's.
  const given = isShape(inputShape) ? (fixed.has(name) ? undefined : inputShape) : inputShape[name];
  const sample = shape && withoutAxis(shape, axis);
  if (given !== undefined && fitsDeclared(given, sample)) return given;
  if (given !== undefined) {
    const declared = sample?.map((size) => size ?? '?').join(', ') ?? '';
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `${model}: expected a shape of one sample that fits [${declared}] for the input "${name}", got [${given.join(', ')}]. Correct the option 'inputShape' (--input-shape SHAPE), or leave it out.`,
    );
  }
  if (sample?.every(isKnown) === true) return sample;
  const told = fixed.has(name) ? undefined : toldByData(sample, dataShape);
  if (told !== undefined) return told;
  const listed = shape?.map((size) => size ?? '?').join(', ') ?? 'no shape';
  const unfit =
    fixed.has(name) || dataShape === undefined ? '' : ` and samples of the shape [${dataShape.join(', ')}]`;
  const other =
    batchAxis === undefined && shape !== undefined && shape.length > 1 && isKnown(shape[0])
      ? " If the batch is not the first axis, say which by the option 'batchAxis' (--batch-axis AXIS)."
      : '';
  throw new EdjmError(
    'AMBIGUOUS',
    `${model}: expected an input with a known shape for each sample, got "${name}" [${listed}]${unfit}. Give the shape of one sample by the option 'inputShape' (--input-shape SHAPE).${other}`,
  );
}

/** Refuses values and shapes of inputs that the model does not have. */
function checkNames(inputs: readonly ValueInfo[], { fixed, inputShape, model }: InputOptions): void {
  const names = inputs.map(({ name }) => name);
  const check = (given: readonly string[], what: string, by: string) => {
    const unknown = given.find((name) => !names.includes(name));
    if (unknown === undefined) return;
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `${model}: expected ${what} for inputs among ${names.map((name) => `"${name}"`).join(', ')}, got one for "${unknown}". Name one of them by ${by}.`,
    );
  };
  check([...fixed.keys()], 'values', "the option 'fixed' (--fix NAME=VALUE)");
  if (!isShape(inputShape))
    check(Object.keys(inputShape), 'shapes', "the option 'inputShape' (--input-shape NAME=SHAPE)");
}

/** Refuses a batch axis that no input has. */
function checkBatchAxis(inputs: readonly ValueInfo[], { batchAxis = 0, model }: InputOptions): void {
  const most = Math.max(...inputs.map(({ shape }) => shape?.length ?? Infinity));
  if (batchAxis === 0 || batchAxis < most) return;
  throw new EdjmError(
    'INVALID_ARGUMENT',
    `${model}: expected a batch axis from 0 to ${String(most - 1)}, since no input has more axes, got ${String(batchAxis)}. Correct the option 'batchAxis' (--batch-axis AXIS), or leave it out.`,
  );
}

/**
 * The inputs that come with each sample, side by side in the order of the model: all but those with a fixed value.
 *
 * @throws EdjmError `AMBIGUOUS` if a shape is not known, `UNSUPPORTED` for inputs that are no numbers.
 */
export function sampleInputs(inputs: readonly ValueInfo[], options: InputOptions): readonly SampleInput[] {
  checkNames(inputs, options);
  checkBatchAxis(inputs, options);
  let offset = 0;
  const axes = axesOf(inputs, options);
  const fromData = inputs.filter(({ name }) => !options.fixed.has(name));
  // The data are those of several inputs side by side, whose shapes they do not tell.
  const told = fromData.length === 1 ? options : { ...options, dataShape: undefined };
  return inputs
    .filter(({ name }) => !options.fixed.has(name))
    .map((input) => {
      const { name, elementType } = input;
      if (!isNumeric(elementType)) {
        throw new EdjmError(
          'UNSUPPORTED',
          `${options.model}: expected an input of numbers, got ${elementType} for "${name}". Export the network in float32.`,
        );
      }
      const axis = sampleAxis(input, axes);
      const shape = sampleShape(input, axis, told);
      const batch = axis === undefined ? 1 : input.shape?.[axis];
      const first = offset;
      offset += sizeOf(shape);
      return {
        name,
        elementType,
        shape,
        size: sizeOf(shape),
        offset: first,
        batchAxis: axis,
        fixedBatchSize: typeof batch === 'number' && batch > 0 ? batch : undefined,
      };
    });
}

/** Lets the model's inputs stand for their parts of a batch of n samples, [n, sampleSize]. */
export function addSampleInputs(builder: GraphBuilder, batch: string, inputs: readonly SampleInput[]): void {
  const [n = 1, sampleSize = 0] = builder.shape(batch);
  for (const { name, elementType, shape, size, offset, batchAxis } of inputs) {
    const part =
      size === sampleSize
        ? batch
        : builder.slice(batch, { starts: [offset], ends: [offset + size], axes: [1] });
    const inShape = builder.reshape(part, batchAxis === undefined ? shape : [n, ...shape]);
    const placed = batchAxis === undefined ? inShape : fromFront(builder, inShape, batchAxis);
    builder.alias(name, builder.cast(placed, elementType));
  }
}

/** Moves the first axis of a tensor to another place. */
function fromFront(builder: GraphBuilder, name: string, axis: number): string {
  if (axis === 0) return name;
  const rest = builder
    .shape(name)
    .slice(1)
    .map((_, place) => place + 1);
  return builder.transpose(name, rest.toSpliced(axis, 0, 0));
}

/**
 * Puts the fixed values of inputs into the graph. A value with the shape of one sample counts for every sample, with or without
 * a batch axis of size 1.
 *
 * @throws EdjmError `SHAPE_MISMATCH` if an array does not fit its input.
 */
export function addFixedInputs(
  builder: GraphBuilder,
  inputs: readonly ValueInfo[],
  { n, ...options }: InputOptions & { readonly n: number },
): void {
  const axes = axesOf(inputs, options);
  for (const input of inputs) {
    const value = options.fixed.get(input.name);
    if (value === undefined) continue;
    const { name, elementType } = input;
    const axis = fixedAxis(input, axes);
    if (typeof value === 'number') {
      const sample = sampleShape(input, axis, options);
      const shape = axis === undefined ? sample : sample.toSpliced(axis, 0, n);
      // A single number may decide the course of the graph.
      const filled =
        sizeOf(shape) === 1
          ? builder.constant(tensorOf(elementType, shape, [value]))
          : builder.filled(elementType, shape, value);
      builder.alias(name, filled);
      continue;
    }
    const declared = input.shape ?? value.shape;
    const shape = shapeOfFixed(options.model, { name, declared, axis }, value.shape);
    const constant = builder.constant(tensorOf(elementType, shape, Array.from(value.data)));
    const isForEvery = axis !== undefined && shape[axis] === 1 && n > 1;
    builder.alias(name, isForEvery ? builder.expand(constant, shape.with(axis, n)) : constant);
  }
}

/** The shape of a fixed value in the model, with the batch axis. */
function shapeOfFixed(
  model: string,
  {
    name,
    declared,
    axis,
  }: { name: string; declared: NonNullable<ValueInfo['shape']>; axis: number | undefined },
  shape: readonly number[],
): readonly number[] {
  const isSample = shape.length + 1 === declared.length;
  const whole = isSample ? shape.toSpliced(axis ?? Math.max(0, declared.indexOf(1)), 0, 1) : shape;
  // One number for a scalar.
  if (sizeOf(shape) === 1 && declared.every((size) => size === 1)) return declared.map(() => 1);
  const fits = (size: number, place: number) => {
    const expected = declared[place];
    if (!isKnown(expected)) return place !== axis || size === 1;
    return size === expected || (place === axis && size === 1);
  };
  if (whole.length === declared.length && whole.every(fits)) return whole;
  throw new EdjmError(
    'SHAPE_MISMATCH',
    `${model}: expected a value for "${name}" of the shape [${declared.map((size) => size ?? '?').join(', ')}], or of one sample's, got [${shape.join(', ')}]. Give one value for every sample, with 1 for the size of the batch or without that axis.`,
  );
}

/**
 * The batch size that the inputs were exported for, undefined if it is free.
 *
 * @throws EdjmError `UNSUPPORTED` if they were exported for different ones.
 */
export function commonBatchSize(model: string, inputs: readonly SampleInput[]): number | undefined {
  const sizes = new Set(inputs.flatMap(({ fixedBatchSize }) => fixedBatchSize ?? []));
  const [size, ...others] = sizes;
  if (others.length === 0) return size;
  throw new EdjmError(
    'UNSUPPORTED',
    `${model}: expected inputs of one batch size, got sizes of ${[...sizes].join(', ')} for ${inputs.map(({ name }) => `"${name}"`).join(', ')}. Fix inputs that are the same for every sample by the option 'fixed' (--fix NAME=VALUE).`,
  );
}
