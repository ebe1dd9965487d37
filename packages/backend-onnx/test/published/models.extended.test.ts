import { readdirSync } from 'node:fs';
import { singularValuesOfRows } from '@edjm/linalg';
import {
  dataFolder,
  inData,
  inputsOf,
  jacobiansOf,
  matrixOf,
  readData,
  readPublishedNetwork,
  rowOf,
  wrongOutputs,
  wrongSingularValues,
} from '@edjm/testing';
import { describe, expect, it } from 'vitest';
import { onnxBackend, type OnnxLoadOptions } from '../../src/index.ts';

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

const models =
  dataFolder === undefined
    ? []
    : readdirSync(inData('models', 'onnx'))
        .filter((name) => name.endsWith('.onnx'))
        .map((name) => name.replace(/\.onnx$/, ''));
const tinyGraphs =
  dataFolder === undefined
    ? []
    : (readData('models', 'onnx-tiny-graphs', 'expected.json') as { models: readonly TinyGraph[] }).models;

describe.skipIf(dataFolder === undefined)(
  'published networks (skipped where EDJM_DATA_DIR does not name the data)',
  () => {
    describe.each(models)('%s', (name) => {
      const expected = readPublishedNetwork('models', 'onnx', `${name}.expected.json`);
      const load = () => onnxBackend().load(inData('models', 'onnx', `${name}.onnx`));

      it('gives its outputs', async () => {
        await using network = await load();
        expect(network.sampleSize).toBe(expected.inputShape?.reduce((product, size) => product * size, 1));
        const samples = [...expected.samples, ...expected.jacobianSamples];
        const outputs = await network.forward(matrixOf(inputsOf(expected, samples)));
        for (const [index, { output, output64 }] of samples.entries()) {
          expect(wrongOutputs(rowOf(outputs, index), output ?? [])).toEqual([]);
          expect(wrongOutputs(rowOf(outputs, index), output64)).toEqual([]);
        }
      });

      it('gives the singular values of its Jacobians', async () => {
        await using network = await load();
        const { jacobianSamples } = expected;
        const found = await jacobiansOf(network, matrixOf(inputsOf(expected, jacobianSamples)));
        for (const [index, { jacobianSingularValues }] of jacobianSamples.entries()) {
          const values = singularValuesOfRows(found[index]!);
          expect(wrongSingularValues(values, jacobianSingularValues, { smallError: 1e-4 })).toEqual([]);
        }
      });
    });
  },
);

/** Graphs that are no network of one input and one output with a row for each sample, with what refuses them. */
const refused: Readonly<Record<string, { readonly code: string; readonly says: RegExp }>> = {
  // A constant with other values for each row of the batch.
  'add.onnx': { code: 'UNSUPPORTED', says: /do not depend on the other samples of its batch/ },
  'cast_int_to_float.onnx': { code: 'UNSUPPORTED', says: /do not depend on the other samples of its batch/ },
  'concat_axis_0.onnx': { code: 'AMBIGUOUS', says: /expected one input, got "X1", "X2", "X3"/ },
  'concat_axis_2.onnx': { code: 'AMBIGUOUS', says: /expected one input, got "X1", "X2", "X3"/ },
  'oneInput_twoBranches.onnx': { code: 'AMBIGUOUS', says: /expected one output, got "Y", "add1"/ },
  'reshape.onnx': { code: 'UNSUPPORTED', says: /one row for each of 2 samples, got the shape \[1, 4\]/ },
  'split_1d_split-2-4_axis-0.onnx': { code: 'AMBIGUOUS', says: /expected one output, got "Y1", "Y2"/ },
  'split_2d_split-2-4_axis-1.onnx': { code: 'AMBIGUOUS', says: /expected one output, got "Y1", "Y2"/ },
};

describe.skipIf(dataFolder === undefined)(
  'tiny graphs (skipped where EDJM_DATA_DIR does not name the data)',
  () => {
    const load = (model: string, options?: OnnxLoadOptions) =>
      onnxBackend().load(inData('models', 'onnx-tiny-graphs', model), options);

    async function expectOutput({ model, inputs }: TinyGraph, output: NamedTensor): Promise<void> {
      await using network = await load(model, { output: output.name, outputKind: 'as-is' });
      const { data } = inputs[0]!;
      const rows = data.length / network.sampleSize;
      const batch = { rows, columns: network.sampleSize, data: Float32Array.from(data) };
      expect(wrongOutputs(Array.from((await network.forward(batch)).data), output.data)).toEqual([]);
    }

    it('are all here', () => {
      const files = readdirSync(inData('models', 'onnx-tiny-graphs')).filter((name) =>
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
        it('is refused if one of its inputs is chosen: it joins batches', async () => {
          await expect(load(graph.model, { input })).rejects.toMatchObject({
            code: 'UNSUPPORTED',
            message: expect.stringMatching(/do not depend on the other samples of its batch/) as string,
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
          const { data } = await network.forward(matrixOf(samples));
          expect(wrongOutputs(Array.from(data), graph.outputs[0]!.data)).toEqual([]);
        });
      }
    });
  },
);
