import { openDataset } from '@edjm/datasets';
import {
  dataFolder,
  goldenFiles,
  inData,
  inputsOf,
  readData,
  readGolden,
  readPublishedNetwork,
  wrongOutputs,
} from '@edjm/testing';
import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { computed } from './files.ts';

beforeAll(() => tf.setBackend('cpu'));

/** The first samples of a data set. */
async function firstSamples(path: string, count: number): Promise<number[][]> {
  for await (const { data, columns } of (await openDataset(path)).batches(count)) {
    return Array.from({ length: count }, (_, row) =>
      Array.from(data.subarray(row * columns, (row + 1) * columns)),
    );
  }
  return [];
}

describe.skipIf(dataFolder === undefined)(
  'networks of others (skipped where EDJM_DATA_DIR does not name the data)',
  () => {
    it.each(goldenFiles('.keras', '.h5'))('$file gives its first outputs', async ({ file, network }) => {
      const { firstOutputs, inputs } = readGolden(network);
      const { shape } = (readData('golden', `${network}.golden.json`) as { inputs: { shape: number[] } })
        .inputs;
      const samples = await firstSamples(inData('golden', inputs.file), firstOutputs.length);
      const [found] = await computed(readFileSync(inData('golden', file)), samples, { shape });
      expect(wrongOutputs(found, firstOutputs.flat())).toEqual([]);
    });

    it.each([
      ['keras/mnist-mlp-128-62.keras', 'keras/mnist-mlp-128-62.expected.json', [28, 28]],
      [
        'tfjs/lenet-from-keras-multi-output/original-keras-mnist.h5',
        'tfjs/lenet-from-keras-multi-output/expected.json',
        [28, 28],
      ],
    ])('%s gives its outputs', async (file, expectedFile, shape) => {
      const expected = readPublishedNetwork('models', expectedFile);
      const inputs = inputsOf(expected, expected.samples).map((input) => [...input]);
      const outputs = await computed(readFileSync(inData('models', file)), inputs, { shape });
      const wanted = expected.samples.flatMap(({ output, output64 }) => output ?? output64);
      expect(wrongOutputs(outputs.at(-1), wanted)).toEqual([]);
    });
  },
);
