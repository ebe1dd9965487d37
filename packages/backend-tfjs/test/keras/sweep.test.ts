import { readFileSync } from 'node:fs';
import { describeEngines } from '../describeEngines.ts';
import { expect, it } from 'vitest';
import { tfjsBackend } from '../../src/index.ts';
import { archive, fixture, hdf5, put, refusal } from './files.ts';

/** What Keras computes with a layer, on samples of one kind. */
interface Run {
  readonly kind: 'random' | 'ties' | 'zeros';
  readonly x: readonly number[];
  readonly y: readonly number[];
  /** Of three sums of the outputs, by weights of fixtures/makeSweep.py: [samples, 3, d_in]. Absent if it is that of the first samples. */
  readonly jacobian?: readonly number[];
}

interface Case {
  readonly name: string;
  readonly shape: readonly number[];
  readonly config: object;
  readonly weights: Readonly<Record<string, { readonly shape: number[]; readonly data: number[] }>>;
  readonly runs: readonly Run[];
}

const { cases } = JSON.parse(new TextDecoder().decode(fixture('sweep.json.gz'))) as {
  cases: readonly Case[];
};
const SAMPLES = 2;
const SUMS = 3;

/** Differences that the README names: layer and samples. */
const differing: readonly string[] = [
  // PyTorch's slope at 0, which is scale times alpha; TensorFlow has the scale alone.
  'activation selu, ties',
  'activation selu, zeros',
  // Its slope is 1 at 0; TensorFlow composes it of two parts that have 1 each.
  'activation celu, ties',
  'activation celu, zeros',
  // PyTorch's first of equal values; TensorFlow gives all of the cotangent to each.
  'Pooling3D 0, ties',
  'Pooling3D 0, zeros',
];

/** Layers that are refused, each by name. */
const refused: readonly string[] = [
  'AveragePooling 1, cpu',
  'AveragePooling 1, wasm',
  'AveragePooling 3, cpu',
  'AveragePooling 3, wasm',
  'Conv 6, wasm',
  'Conv 7',
  'shapes 2, cpu',
];

/** Layers that the models beside this test have; `Embedding` takes whole numbers. */
const elsewhere: readonly string[] = ['Add', 'Embedding', 'Flatten'];

function largestDifference(found: readonly number[], right: readonly number[]): number {
  expect(found).toHaveLength(right.length);
  const scale = Math.max(1, ...right.map(Math.abs));
  return Math.max(...found.map((value, i) => Math.abs(value - (right[i] ?? NaN)))) / scale;
}

describeEngines('layers of Keras compute what Keras computes', (engine) => {
  it.each(cases)('$name', async ({ name, shape, config, weights, runs }) => {
    const h5 = await hdf5((file) => {
      for (const [path, array] of Object.entries(weights))
        put(file, path, { ...array, dtype: array.shape.length === 0 ? '<i4' : '<f8' });
    });
    const bytes = await archive(config, h5);
    const load = () => tfjsBackend({ engine }).load(bytes);
    if (refused.some((each) => [name, `${name}, ${engine}`].includes(each))) {
      expect((await refusal(load)).code).toBe('UNSUPPORTED');
      return;
    }
    const network = await load();
    try {
      const columns = shape.reduce((size, axis) => size * axis, 1);
      for (const { kind, x, y, jacobian = runs[0]?.jacobian ?? [] } of runs) {
        if (differing.includes(`${name}, ${kind}`)) continue;
        const batch = { rows: SAMPLES, columns, data: Float32Array.from(x) };
        const { data } = await network.forward(batch);
        expect.soft(largestDifference(Array.from(data), y), kind).toBeLessThan(1e-5);
        const rows = await network.jacobian?.(
          batch,
          Array.from({ length: network.dOut }, (_, i) => i),
        );
        const sums = Array.from({ length: SAMPLES * SUMS * columns }, (_, at) => {
          const [sample, sum, column] = [
            Math.floor(at / (SUMS * columns)),
            Math.floor(at / columns) % SUMS,
            at % columns,
          ];
          return (rows ?? []).reduce(
            (all, row, output) =>
              all +
              (row.data[sample * columns + column] ?? NaN) *
                Number(Math.cos(output * (sum + 1) * 1.3 + 0.2).toFixed(6)),
            0,
          );
        });
        expect.soft(largestDifference(sums, jacobian), `${kind}, derivatives`).toBeLessThan(1e-4);
      }
    } finally {
      await network.dispose();
    }
  });
});

it('are compared for every layer and activation that the README lists', () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const [, section = ''] = readme.split('### Layers of Keras');
  const [table = ''] = section.split('Everything else is refused');
  const listed = [...table.matchAll(/`([A-Za-z]\w+)`/g)].map(([, name = '']) => name);
  const compared = JSON.stringify(cases);
  const absent = new Set(listed.filter((name) => !compared.includes(`"${name}"`)));
  // Not layers by themselves: options, and endings of names.
  for (const word of ['keepdims', 'causal', '3D', 'hard_']) absent.delete(word);
  expect([...absent].sort()).toEqual(elsewhere);
});
