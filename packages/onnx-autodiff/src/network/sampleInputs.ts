import { EdjmError } from '@edjm/core';
import type { ValueInfo } from '../model/graph.ts';
import type { GraphBuilder } from '../graph/graphBuilder.ts';
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
  readonly hasBatchAxis: boolean;
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
}

/** An input with a single axis of fixed size takes one sample at a time, without a batch axis. */
function hasBatchAxis({ shape = [] }: ValueInfo): boolean {
  return shape.length > 1 || typeof shape[0] !== 'number';
}

function isShape(shape: InputOptions['inputShape']): shape is readonly number[] {
  return Array.isArray(shape);
}

function sampleShape(input: ValueInfo, { model, inputShape }: InputOptions): readonly number[] {
  const { name, shape } = input;
  const given = isShape(inputShape) ? inputShape : inputShape[name];
  if (given !== undefined) return given;
  const sample = hasBatchAxis(input) ? shape?.slice(1) : shape;
  const known = sample?.filter((size) => typeof size === 'number' && size > 0);
  if (sample !== undefined && known?.length === sample.length) return known as readonly number[];
  const listed = shape?.map((size) => size ?? '?').join(', ') ?? 'no shape';
  throw new EdjmError(
    'AMBIGUOUS',
    `${model}: expected an input whose shape is known but for the batch, got "${name}" [${listed}]. Give the shape of one sample by the option 'inputShape' (--input-shape).`,
  );
}

function checkFixed(inputs: readonly ValueInfo[], { fixed, model }: InputOptions): void {
  const names = inputs.map(({ name }) => name);
  const unknown = [...fixed.keys()].find((name) => !names.includes(name));
  if (unknown === undefined) return;
  throw new EdjmError(
    'INVALID_ARGUMENT',
    `${model}: expected values for inputs among ${names.map((name) => `"${name}"`).join(', ')}, got one for "${unknown}". Name one of them.`,
  );
}

/**
 * The inputs that come with each sample, side by side in the order of the model: all but those with a fixed value.
 *
 * @throws EdjmError `AMBIGUOUS` if a shape is not known, `UNSUPPORTED` for inputs that are no numbers.
 */
export function sampleInputs(inputs: readonly ValueInfo[], options: InputOptions): readonly SampleInput[] {
  checkFixed(inputs, options);
  let offset = 0;
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
      const shape = sampleShape(input, options);
      const batch = hasBatchAxis(input) ? input.shape?.[0] : 1;
      const first = offset;
      offset += sizeOf(shape);
      return {
        name,
        elementType,
        shape,
        size: sizeOf(shape),
        offset: first,
        hasBatchAxis: hasBatchAxis(input),
        fixedBatchSize: typeof batch === 'number' && batch > 0 ? batch : undefined,
      };
    });
}

/** Lets the model's inputs stand for their parts of a batch of n samples, [n, sampleSize]. */
export function addSampleInputs(builder: GraphBuilder, batch: string, inputs: readonly SampleInput[]): void {
  const [n = 1, sampleSize = 0] = builder.shape(batch);
  for (const { name, elementType, shape, size, offset, hasBatchAxis: isBatched } of inputs) {
    const part =
      size === sampleSize
        ? batch
        : builder.slice(batch, { starts: [offset], ends: [offset + size], axes: [1] });
    const inShape = builder.reshape(part, isBatched ? [n, ...shape] : shape);
    builder.alias(name, builder.cast(inShape, elementType));
  }
}

/**
 * Puts the fixed values of inputs into the graph. A value with the shape of one sample counts for every sample.
 *
 * @throws EdjmError `SHAPE_MISMATCH` if an array does not fit its input.
 */
export function addFixedInputs(
  builder: GraphBuilder,
  inputs: readonly ValueInfo[],
  { fixed, model, inputShape, n }: InputOptions & { readonly n: number },
): void {
  for (const input of inputs) {
    const value = fixed.get(input.name);
    if (value === undefined) continue;
    const { name, elementType } = input;
    if (typeof value === 'number') {
      const sample = sampleShape(input, { fixed, model, inputShape });
      builder.alias(name, builder.filled(elementType, hasBatchAxis(input) ? [n, ...sample] : sample, value));
      continue;
    }
    const constant = builder.constant(tensorOf(elementType, value.shape, Array.from(value.data)));
    const declared = input.shape ?? value.shape;
    if (value.shape.length !== declared.length && value.shape.length + 1 !== declared.length) {
      throw new EdjmError(
        'SHAPE_MISMATCH',
        `${model}: expected a value for "${name}" of the shape [${declared.map((size) => size ?? '?').join(', ')}], or of one sample's, got [${value.shape.join(', ')}].`,
      );
    }
    const isOneSample =
      value.shape.length < declared.length || (value.shape[0] === 1 && typeof declared[0] !== 'number');
    const sample = value.shape.length < declared.length ? value.shape : value.shape.slice(1);
    builder.alias(name, isOneSample ? builder.expand(constant, [n, ...sample]) : constant);
  }
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
