import { EdjmError, type Dataset, type DenseMatrix } from '@edjm/core';

/** A data set and the name of the array that it comes from. */
export interface NamedDataset {
  readonly name: string;
  readonly data: Dataset;
}

/**
 * Joins several data sets into one whose samples are theirs side by side, for a network of several inputs.
 *
 * @param name - For messages and reports.
 * @param arrays - At least one, of the same number of samples, read from one file; by the names of arrays.
 * @throws EdjmError `INVALID_DATA` if they differ in the number of samples.
 */
export function joinedDataset(name: string, arrays: readonly [NamedDataset, ...NamedDataset[]]): Dataset {
  const parts = arrays.map(({ data }) => data);
  const [{ data: first }] = arrays;
  const others = parts.slice(1);
  if (others.length === 0) return first;
  const odd = others.find(({ n }) => n !== first.n);
  if (odd !== undefined) {
    throw new EdjmError(
      'INVALID_DATA',
      `${name}: expected arrays of as many samples each, got ${first.n} in ${first.name} and ${odd.n} in ${odd.name}. Name arrays of the same samples.`,
    );
  }
  const widths = parts.map(({ sampleShape }) => sampleShape.reduce((product, size) => product * size, 1));
  const columns = widths.reduce((sum, width) => sum + width, 0);
  const transforms = parts.flatMap((part) =>
    part.transform === undefined ? [] : [`${part.name}: ${part.transform}`],
  );
  return {
    name,
    n: first.n,
    sampleShape: [columns],
    parts: arrays.map((array) => ({ name: array.name, shape: array.data.sampleShape })),
    ...(transforms.length > 0 && { transform: transforms.join('; ') }),
    batches: (batchSize, options) => ({
      [Symbol.asyncIterator]: () =>
        joined(parts.map((part) => part.batches(batchSize, options)[Symbol.asyncIterator]())),
    }),
    sha256: () => first.sha256(),
  };
}

async function* joined(
  iterators: readonly AsyncIterator<DenseMatrix>[],
): AsyncGenerator<DenseMatrix, undefined> {
  try {
    for (;;) {
      const steps = await Promise.all(iterators.map((iterator) => iterator.next()));
      const batches = steps.flatMap((step) => (step.done === true ? [] : [step.value]));
      const [batch] = batches;
      if (batch === undefined) return;
      yield sideBySide(batches, batch.rows);
    }
  } finally {
    for (const iterator of iterators) await iterator.return?.();
  }
}

function sideBySide(batches: readonly DenseMatrix[], rows: number): DenseMatrix {
  const columns = batches.reduce((sum, batch) => sum + batch.columns, 0);
  const Values = batches.some(({ data }) => data instanceof Float64Array) ? Float64Array : Float32Array;
  const data = new Values(rows * columns);
  let offset = 0;
  for (const batch of batches) {
    for (let row = 0; row < rows; row++) {
      const values = batch.data.subarray(row * batch.columns, (row + 1) * batch.columns);
      data.set(values, row * columns + offset);
    }
    offset += batch.columns;
  }
  return { rows, columns, data };
}
