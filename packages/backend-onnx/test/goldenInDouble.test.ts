import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openDataset } from '@edjm/datasets';
import { type DenseMatrix, tsqrAccumulator } from '@edjm/linalg';
import { differentiate, readModel, tensorOf, valuesOf } from '@edjm/onnx-autodiff';
import { describe, expect, it } from 'vitest';
import { withErfInDouble } from './errorFunction.ts';
import { pointIn } from './precision.ts';
import { sessionOf } from './runGraph.ts';
import { builderAt } from './vjpCheck.ts';

/** The part of a golden file that is compared; its spectra were computed in float64, and written with ten digits. */
interface Golden {
  readonly inputs: { readonly file: string; readonly n: number };
  readonly perOutput: readonly { readonly output: number; readonly singularValues: readonly number[] }[];
}

const root = process.env['EDJM_DATA_DIR'];
const folder = join(root ?? '', 'golden');

const nameOf = (file: string) => file.split('.')[0] ?? '';

const read = (file: string) =>
  readModel(readFileSync(join(folder, file)), {
    readExternal: ({ location, offset, length }) =>
      readFileSync(join(folder, location)).subarray(offset, offset + length),
  });

/** Operators that the engine has in float32 alone. */
const inFloat32Alone: ReadonlySet<string> = new Set(['Conv', 'ConvTranspose']);

const files = (root === undefined ? [] : readdirSync(folder))
  .filter((file) => file.endsWith('.onnx'))
  // One file a network: the others hold the same weights.
  .filter((file, at, all) => all.findIndex((other) => nameOf(other) === nameOf(file)) === at)
  .filter((file) => read(file).nodes.every(({ opType }) => !inFloat32Alone.has(opType)));

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

describe.skipIf(root === undefined)(
  'golden spectra from rows in float64 (skipped where EDJM_DATA_DIR does not name the data)',
  () => {
    it('are there', () => {
      expect(files.length).toBeGreaterThan(0);
    });

    it.each(files)('%s: tsqr gives every value above 1e-6 of the largest to 1e-6', async (file) => {
      const golden = JSON.parse(readFileSync(join(folder, `${nameOf(file)}.golden.json`), 'utf8')) as Golden;
      const data = await openDataset(join(folder, golden.inputs.file));
      for await (const samples of data.batches(golden.inputs.n)) {
        const rows = await rowsInDouble(file, samples);
        for (const { output, singularValues } of golden.perOutput) {
          const accumulator = tsqrAccumulator(samples.columns);
          accumulator.add(rows[output]!);
          const found = (await accumulator.finish()).singularValues;
          const [largest = 0] = singularValues;
          const wrong = singularValues.filter(
            (value, i) => value > 1e-6 * largest && !(Math.abs(found[i]! - value) <= 1e-6 * value),
          );
          expect(found).toHaveLength(singularValues.length);
          expect(wrong).toEqual([]);
        }
        return;
      }
      throw new Error('expected samples');
    });
  },
);
