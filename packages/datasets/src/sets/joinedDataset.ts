import { EdjmError, type Dataset, type DenseMatrix } from '@edjm/core';

/**
 * Joins several data sets into one whose samples are theirs side by side, for a network of several inputs.
 *
 * @param name - For messages and reports.
 * @param parts - At least one, of the same number of samples, read from one file.
 * @throws EdjmError `INVALID_DATA` if they differ in the number of samples.
 */
export function joinedDataset(name: string, parts: readonly [Dataset, ...Dataset[]]): Dataset {
  const [first, ...others] = parts;
  if (others.length === 0) return first;
  const odd = others.find(({ n }) => n !== first.n);
  if (odd !== undefined) {
    throw new EdjmError(
      'INVALID_DATA',
      `${name}: expected arrays of as many samples each, got ${first.n} in ${first.name} and ${odd.n} in ${odd.name}.`,
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
