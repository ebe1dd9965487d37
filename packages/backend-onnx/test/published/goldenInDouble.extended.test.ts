import { readFileSync } from 'node:fs';
import { openDataset } from '@edjm/datasets';
import { type DenseMatrix, tsqrAccumulator } from '@edjm/linalg';
import { differentiate, readModel, tensorOf, valuesOf } from '@edjm/onnx-autodiff';
import { dataFolder, goldenFiles, inData, readGolden, wrongSingularValues } from '@edjm/testing';
import { describe, expect, it } from 'vitest';
import { withErfInDouble } from '../support/errorFunction.ts';
import { pointIn } from '../support/precision.ts';
import { sessionOf } from '../support/runGraph.ts';
import { builderAt } from '../support/vjpCheck.ts';

const read = (file: string) =>
  readModel(readFileSync(inData('golden', file)), {
    readExternal: ({ location, offset, length }) =>
      readFileSync(inData('golden', location)).subarray(offset, offset + length),
  });

/** Operators that the engine has in float32 alone. */
const inFloat32Alone: ReadonlySet<string> = new Set(['Conv', 'ConvTranspose']);

const files = goldenFiles('.onnx')
  // One file a network: the others hold the same weights.
  .filter(({ network }, at, all) => all.findIndex((other) => other.network === network) === at)
  .filter(({ file }) => read(file).nodes.every(({ opType }) => !inFloat32Alone.has(opType)));

/** The rows of every output at the golden samples, all in float64. */
async function rowsInDouble(file: string, samples: DenseMatrix): Promise<readonly DenseMatrix[]> {
  const graph = read(file);
  const { name: input, shape = [] } = graph.inputs[0]!;
  const sample = shape.slice(1).map(Number);
  const x = tensorOf('float32', [samples.rows, ...sample], Array.from(samples.data));
  const point = pointIn('float64', { graph, variables: new Map([[input, x]]), constants: new Map() });
  const builder = builderAt(point);
  const output = graph.outputs[0]!.name;
  const [n = 1, dOut = 1] = builder.type(output).shape;
  const units = Array.from({ length: dOut * n * dOut }, (_, at) =>
    Number(Math.floor(at / (n * dOut)) === at % dOut),
  );
  const cotangents = builder.constant(tensorOf('float64', [dOut, n, dOut], units));
  const [products = ''] = differentiate(builder, { output, inputs: [input], cotangents });
  const named = builder.nameOutput('rows', products);
  const run = await sessionOf(withErfInDouble(builder.build([named])));
  const found = Float64Array.from(valuesOf((await run(Object.fromEntries(point.variables))).get(named)!));
  await run.release();
  const size = found.length / dOut;
  return Array.from({ length: dOut }, (_, k) => ({
    rows: n,
    columns: size / n,
    data: found.subarray(k * size, (k + 1) * size),
  }));
}

describe.skipIf(dataFolder === undefined)(
  'golden spectra from rows in float64 (skipped where EDJM_DATA_DIR does not name the data)',
  () => {
    it('are there', () => {
      expect(files.length).toBeGreaterThan(0);
    });

    it.each(files)('$file: tsqr gives every value above 1e-6 of the largest to 1e-6', async (one) => {
      const golden = readGolden(one.network);
      const data = await openDataset(inData('golden', golden.inputs.file));
      for await (const samples of data.batches(golden.inputs.n)) {
        const rows = await rowsInDouble(one.file, samples);
        for (const { output, singularValues } of golden.perOutput) {
          const accumulator = tsqrAccumulator(samples.columns);
          accumulator.add(rows[output]!);
          const found = (await accumulator.finish()).singularValues;
          expect(wrongSingularValues(found, singularValues, { tolerance: 1e-6, smallest: 1e-6 })).toEqual([]);
        }
        return;
      }
      throw new Error('expected samples');
    });
  },
);
