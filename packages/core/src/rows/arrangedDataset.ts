import type { DenseMatrix } from '@edjm/linalg';
import type { Dataset, SamplePart } from '../contracts/dataset.ts';
import { EdjmError } from '../contracts/errors.ts';
import type { DifferentiableNetwork } from '../contracts/network.ts';
import { checkDataset, inAnotherOrder } from './checkedBatches.ts';

/**
 * The data set in the order of the network's inputs: arrays that bear the names of inputs go to these, the others in their order to the inputs
 * that are left.
 *
 * @throws EdjmError `INVALID_DATA`, `SHAPE_MISMATCH` if the data or one of its arrays does not fit.
 */
export function arrangedDataset(network: DifferentiableNetwork, data: Dataset): Dataset {
  checkDataset(network, data);
  const { inputs = [] } = network;
  const { parts = [] } = data;
  if (inputs.length < 2 || parts.length < 2) return data;
  const order = orderOf(parts, inputs) ?? refuse(network, data);
  if (order.every((place, index) => place === index)) return data;
  return {
    ...data,
    parts: order.map((place) => parts[place] as SamplePart),
    batches: (batchSize, options) => ({
      [Symbol.asyncIterator]: () =>
        reordered(data.batches(batchSize, options), {
          order,
          widths: parts.map(({ shape }) => sizeOf(shape)),
        }),
    }),
  };
}

/** For each place among the inputs that of the array that belongs there; undefined if the arrays do not fit. */
function orderOf(parts: readonly SamplePart[], inputs: readonly SamplePart[]): readonly number[] | undefined {
  const places = inputs.map(({ name }) => parts.findIndex((part) => part.name === name));
  const isNamed = places.some((place) => place !== -1);
  if (parts.length !== inputs.length) {
    // Arrays without the names of inputs may be parts of these, or hold several of them.
    return isNamed || !nested(parts, inputs) ? undefined : parts.map((_, place) => place);
  }
  const rest = parts.map((_, place) => place).filter((place) => !places.includes(place));
  const order = places.map((place) => (place === -1 ? (rest.shift() ?? -1) : place));
  const fits = order.every((place, index) => {
    const [ours, theirs] = [parts[place]?.shape ?? [], inputs[index]?.shape ?? []];
    return sizeOf(ours) === sizeOf(theirs) && !inAnotherOrder(ours, theirs);
  });
  return fits ? order : undefined;
}

/** Whether no array is cut by the border of two inputs, or no input by that of two arrays. */
function nested(parts: readonly SamplePart[], inputs: readonly SamplePart[]): boolean {
  const [ours, theirs] = [ends(parts), ends(inputs)];
  const [few, many] = ours.length < theirs.length ? [ours, theirs] : [theirs, ours];
  return few.every((end) => many.includes(end));
}

function ends(parts: readonly SamplePart[]): readonly number[] {
  let end = 0;
  return parts.map(({ shape }) => (end += sizeOf(shape)));
}

function refuse({ name, inputs = [] }: DifferentiableNetwork, data: Dataset): never {
  throw new EdjmError(
    'SHAPE_MISMATCH',
    `${data.name}: expected arrays for the inputs ${listed(inputs)} of ${name}, got ${listed(data.parts ?? [])}. ` +
      "Name an array of its shape for each by the option 'array' (--array NAMES).",
  );
}

function listed(parts: readonly SamplePart[]): string {
  return parts.map(({ name, shape }) => `"${name}" [${shape.join(', ')}]`).join(', ');
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Groups of columns in another order. */
async function* reordered(
  batches: AsyncIterable<DenseMatrix>,
  { order, widths }: { readonly order: readonly number[]; readonly widths: readonly number[] },
): AsyncGenerator<DenseMatrix, undefined> {
  const total = widths.reduce((sum, width) => sum + width, 0);
  const starts = widths.map((_, place) => widths.slice(0, place).reduce((sum, width) => sum + width, 0));
  for await (const batch of batches) {
    const { rows, columns, data } = batch;
    // Passed on as it is, for the check of batches to refuse.
    if (columns !== total || data.length !== rows * columns) {
      yield batch;
      continue;
    }
    const sorted = data.slice();
    for (let row = 0; row < rows; row++) {
      let to = row * columns;
      for (const place of order) {
        const from = row * columns + (starts[place] ?? 0);
        const part = data.subarray(from, from + (widths[place] ?? 0));
        sorted.set(part, to);
        to += part.length;
      }
    }
    yield { rows, columns, data: sorted };
  }
}
