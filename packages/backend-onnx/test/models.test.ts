import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { DenseMatrix, DifferentiableNetwork } from '@edjm/core';
import { singularValuesOfRows } from '@edjm/linalg';
import { describe, expect, it } from 'vitest';
import { onnxBackend, type OnnxLoadOptions } from '../src/index.ts';

/** Relative to the largest output of the sample. */
const OUTPUT_TOLERANCE = 1e-5;
/** Relative to the singular value, for values above `SMALLEST` of the largest. */
const SINGULAR_VALUE_TOLERANCE = 1e-4;
const SMALLEST = 1e-4;

interface Sample {
  /** The numbers, or how they come from the image; absent: as the model's own `input` says. */
  readonly input?: readonly number[] | string;
  readonly image?: string;
  readonly output: readonly number[];
  readonly output64: readonly number[];
}

interface Expected {
  readonly inputShape: readonly number[];
  readonly input: string;
  readonly samples: readonly Sample[];
  readonly jacobianSamples: readonly (Sample & { readonly jacobianSingularValues: readonly number[] })[];
}

interface TinyGraph {
  readonly model: string;
  readonly inputs: readonly NamedTensor[];
  readonly outputs: readonly NamedTensor[];
}

interface NamedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

const root = process.env['EDJM_DATA_DIR'];
const inRoot = (...parts: string[]) => join(root ?? '', ...parts);
const json = (...parts: string[]): unknown => JSON.parse(readFileSync(inRoot(...parts), 'utf8'));
const models =
  root === undefined
    ? []
    : readdirSync(inRoot('models', 'onnx'))
        .filter((name) => name.endsWith('.onnx'))
        .map((name) => name.replace(/\.onnx$/, ''));
const tinyGraphs =
  root === undefined
    ? []
    : (json('models', 'onnx-tiny-graphs', 'expected.json') as { models: readonly TinyGraph[] }).models;

const files = new Map<string, Uint8Array>();

/** A stretch of an unpacked file. */
function bytesOf(path: string, from: number, count: number): Uint8Array {
  const file = files.get(path) ?? gunzipSync(readFileSync(inRoot(path)));
  files.set(path, file);
  return file.subarray(from, from + count);
}

const IMAGE = 28 * 28;
const COLOUR_IMAGE = 3 * 32 * 32;
const CIFAR_MEAN = [0.485, 0.456, 0.406];

/** Inputs by the formula that the expected numbers name; a formula of another wording is not guessed at. */
const formulas: Readonly<Record<string, (index: number) => number[]>> = {
  'pixel / 255': (index) => {
    const pixels = bytesOf('mnist/t10k-images-idx3-ubyte.gz', 16 + index * IMAGE, IMAGE);
    return Array.from(pixels, (pixel) => pixel / 255);
  },
  '0.9 * pixel / 255 + 0.1 * ((i * 7919) mod 1009) / 1009': (index) => {
    const pixels = bytesOf('mnist/t10k-images-idx3-ubyte.gz', 16 + index * IMAGE, IMAGE);
    return Array.from(pixels, (pixel, i) => (0.9 * pixel) / 255 + (0.1 * ((i * 7919) % 1009)) / 1009);
  },
  '(pixel/255 - [0.485, 0.456, 0.406]) / 0.225 per channel, channels first': (index) => {
    const pixels = bytesOf('cifar10/test_batch.bin.gz', index * (1 + COLOUR_IMAGE) + 1, COLOUR_IMAGE);
    return Array.from(pixels, (pixel, i) => (pixel / 255 - CIFAR_MEAN[Math.floor(i / 1024)]!) / 0.225);
  },
};

function inputOf({ input, image }: Sample, standard: string): readonly number[] {
  if (typeof input === 'object') return input;
  const text = input ?? standard;
  const formula = formulas[text] ?? formulas[text.split(', where')[0]!];
  const index = Number(image?.split(' ').at(-1));
  if (formula === undefined || !Number.isInteger(index))
    throw new Error(`expected a known input, got "${text}".`);
  return formula(index);
}

function batchOf(rows: readonly (readonly number[])[]): DenseMatrix {
  return { rows: rows.length, columns: rows[0]!.length, data: Float32Array.from(rows.flat()) };
}

function row({ data, columns }: DenseMatrix, index: number): number[] {
  return Array.from(data.subarray(index * columns, (index + 1) * columns));
}

function expectOutputs(actual: readonly number[], expected: readonly number[]): void {
  const largest = Math.max(...expected.map(Math.abs));
  const off = expected.map((value, index) => Math.abs((actual[index] ?? NaN) - value) / largest);
  expect(actual).toHaveLength(expected.length);
  expect(Math.max(...off)).toBeLessThanOrEqual(OUTPUT_TOLERANCE);
}

/** The Jacobian of each sample, d_out × d_in. */
async function jacobians(network: DifferentiableNetwork, batch: DenseMatrix): Promise<DenseMatrix[]> {
  const outputs = Array.from({ length: network.outputSize }, (_, index) => index);
  const blocks = (await network.jacobian?.(batch, outputs)) ?? [];
  return Array.from({ length: batch.rows }, (_, sample) =>
    batchOf(blocks.map((block) => row(block, sample))),
  );
}

describe.skipIf(root === undefined)(
  'published networks (skipped where EDJM_DATA_DIR does not name the data)',
  () => {
    describe.each(models)('%s', (name) => {
      const expected = json('models', 'onnx', `${name}.expected.json`) as Expected;
      const load = () => onnxBackend().load(inRoot('models', 'onnx', `${name}.onnx`));

      it('gives its outputs', async () => {
        await using network = await load();
        expect(network.inputSize).toBe(expected.inputShape.reduce((product, size) => product * size, 1));
        const samples = [...expected.samples, ...expected.jacobianSamples];
        const outputs = await network.forward(
          batchOf(samples.map((sample) => inputOf(sample, expected.input))),
        );
        for (const [index, { output, output64 }] of samples.entries()) {
          expectOutputs(row(outputs, index), output);
          expectOutputs(row(outputs, index), output64);
        }
      });

      it('gives the singular values of its Jacobians', async () => {
        await using network = await load();
        const { jacobianSamples } = expected;
        const batch = batchOf(jacobianSamples.map((sample) => inputOf(sample, expected.input)));
        const found = await jacobians(network, batch);
        for (const [index, { jacobianSingularValues }] of jacobianSamples.entries()) {
          const values = singularValuesOfRows(found[index]!);
          const [largest = 0] = jacobianSingularValues;
          expect(values).toHaveLength(jacobianSingularValues.length);
          const off = jacobianSingularValues.filter((value, place) => {
            const error = Math.abs(values[place]! - value);
            // Values that must vanish, too: the Jacobian of a dead network is zero, not small.
            return (
              error > (value > SMALLEST * largest ? SINGULAR_VALUE_TOLERANCE * value : SMALLEST * largest)
            );
          });
          expect(off).toEqual([]);
        }
      });
    });
  },
);

/** Graphs that are no network of one input and one output with a row for each sample, with what refuses them. */
const refused: Readonly<Record<string, { readonly code: string; readonly says: RegExp }>> = {
  'concat_axis_0.onnx': { code: 'AMBIGUOUS', says: /expected one input, got "X1", "X2", "X3"/ },
  'concat_axis_2.onnx': { code: 'AMBIGUOUS', says: /expected one input, got "X1", "X2", "X3"/ },
  'oneInput_twoBranches.onnx': { code: 'AMBIGUOUS', says: /expected one output, got "Y", "add1"/ },
  'reshape.onnx': { code: 'UNSUPPORTED', says: /one row for each of 2 samples, got the shape \[1, 4\]/ },
  'split_1d_split-2-4_axis-0.onnx': { code: 'AMBIGUOUS', says: /expected one output, got "Y1", "Y2"/ },
  'split_2d_split-2-4_axis-1.onnx': { code: 'AMBIGUOUS', says: /expected one output, got "Y1", "Y2"/ },
  'unsqueeze.onnx': {
    code: 'UNSUPPORTED',
    says: /one row for each of 2 samples, got the shape \[1, 2, 1, 3\]/,
  },
};

describe.skipIf(root === undefined)(
  'tiny graphs (skipped where EDJM_DATA_DIR does not name the data)',
  () => {
    const load = (model: string, options?: OnnxLoadOptions) =>
      onnxBackend().load(inRoot('models', 'onnx-tiny-graphs', model), options);

    async function expectOutput({ model, inputs }: TinyGraph, output: NamedTensor): Promise<void> {
      await using network = await load(model, { output: output.name });
      const { data } = inputs[0]!;
      const rows = data.length / network.inputSize;
      const batch = { rows, columns: network.inputSize, data: Float32Array.from(data) };
      expectOutputs(Array.from((await network.forward(batch)).data), output.data);
    }

    it('are all here', () => {
      const files = readdirSync(inRoot('models', 'onnx-tiny-graphs')).filter((name) =>
        name.endsWith('.onnx'),
      );
      expect(tinyGraphs.map(({ model }) => model).sort()).toEqual(files.sort());
      expect(Object.keys(refused).filter((model) => !files.includes(model))).toEqual([]);
    });

    describe.each(tinyGraphs)('$model', (graph) => {
      const refusal = refused[graph.model];
      const oneInput = graph.inputs.length === 1;
      if (refusal === undefined) {
        it('gives its output', () => expectOutput(graph, graph.outputs[0]!));
      } else {
        it(`is refused as ${refusal.code}`, async () => {
          const error = { code: refusal.code, message: expect.stringMatching(refusal.says) as string };
          await expect(load(graph.model)).rejects.toMatchObject(error);
        });
      }
      if (refusal?.code === 'AMBIGUOUS' && oneInput) {
        it.each(graph.outputs)('gives its output $name where it is chosen', (output) =>
          expectOutput(graph, output),
        );
      }
      const input = graph.inputs[0]!.name;
      if (graph.model === 'concat_axis_0.onnx') {
        it('is refused where one of its inputs is chosen: it joins batches', async () => {
          await expect(load(graph.model, { input })).rejects.toMatchObject({
            code: 'UNSUPPORTED',
            message: expect.stringMatching(/expected inputs of one batch size, got sizes of 2, 4/) as string,
          });
        });
      } else if (!oneInput) {
        it('gives its output of all inputs side by side, where one of them is chosen', async () => {
          await using network = await load(graph.model, { input });
          const [rows = 1] = graph.inputs[0]!.shape;
          const samples = Array.from({ length: rows }, (_, sample) =>
            graph.inputs.flatMap(({ data }) => {
              const size = data.length / rows;
              return data.slice(sample * size, (sample + 1) * size);
            }),
          );
          const { data } = await network.forward(batchOf(samples));
          expectOutputs(Array.from(data), graph.outputs[0]!.data);
        });
      }
    });
  },
);
