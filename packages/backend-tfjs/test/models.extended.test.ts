import { readdirSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { singularValuesOfRows } from '@edjm/linalg';
import {
  dataFolder,
  inData,
  inputsOf,
  jacobiansOf,
  matrixOf,
  readPublishedNetwork,
  rowOf,
  wrongOutputs,
  wrongSingularValues,
} from '@edjm/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tfjsBackend, type TfjsLoadOptions } from '../src/index.ts';
import { describeEngines, enginesInNode } from './describeEngines.ts';

const skipped = '(skipped where EDJM_DATA_DIR does not name the data)';
/** Where the engine does not matter. */
const backend = tfjsBackend({ engine: 'cpu' });

interface Published {
  /** Within the data folder's `models`. */
  readonly file: string;
  readonly expected: string;
  readonly options: TfjsLoadOptions;
}

/** Derivatives are those of the probabilities where a network ends in softmax. */
const probability = { outputKind: 'probability' } as const;
const lenet = 'tfjs/lenet-from-keras-multi-output';
const networks: readonly Published[] = [
  { file: 'tfjs/abalone-mlp/model.json', expected: 'tfjs/abalone-mlp/expected.json', options: {} },
  {
    file: `${lenet}/model.json`,
    expected: `${lenet}/expected.json`,
    options: { ...probability, output: 'Softmax' },
  },
  {
    file: `${lenet}/original-keras-mnist.h5`,
    expected: `${lenet}/expected.json`,
    options: probability,
  },
  {
    file: 'tfjs/lenet-sequential-relu/mnist.json',
    expected: 'tfjs/lenet-sequential-relu/expected.json',
    options: probability,
  },
  {
    file: 'keras/mnist-mlp-128-62.keras',
    expected: 'keras/mnist-mlp-128-62.expected.json',
    options: probability,
  },
];
/** Values of the Jacobian are rounded to float32, if nothing else is: a small singular value may be off by so much of the largest. */
const tolerances = { smallError: 1e-4, slack: 2 ** -24 };
const graphModel = 'tfjs/graph-model-unsupported';

describe.skipIf(dataFolder === undefined)(`published networks ${skipped}`, () => {
  it('are all here', () => {
    const files = ['tfjs', 'keras'].flatMap((folder) =>
      readdirSync(inData('models', folder), { recursive: true, encoding: 'utf8' }).map(
        (name) => `${folder}/${name}`,
      ),
    );
    const models = files.filter(
      (name) => /\.(keras|h5)$/.test(name) || (name.endsWith('.json') && !name.endsWith('expected.json')),
    );
    expect(models.sort()).toEqual([...networks.map(({ file }) => file), `${graphModel}/model.json`].sort());
  });

  describeEngines(
    'on the engine',
    (engine) => {
      describe.each(dataFolder === undefined ? [] : networks)(
        '$file',
        ({ file, expected: name, options }) => {
          const expected = readPublishedNetwork('models', name);
          const load = () => tfjsBackend({ engine }).load(inData('models', file), options);

          it('gives its outputs', async () => {
            await using network = await load();
            const samples = [...expected.samples, ...expected.jacobianSamples];
            const outputs = await network.forward(matrixOf(inputsOf(expected, samples)));
            for (const [index, { output, output64 }] of samples.entries()) {
              expect(wrongOutputs(rowOf(outputs, index), output ?? output64)).toEqual([]);
              expect(wrongOutputs(rowOf(outputs, index), output64)).toEqual([]);
            }
          });

          it('gives the singular values of its Jacobians', async () => {
            await using network = await load();
            const { jacobianSamples } = expected;
            const found = await jacobiansOf(network, matrixOf(inputsOf(expected, jacobianSamples)));
            expect(found).toHaveLength(jacobianSamples.length);
            for (const [index, { jacobianSingularValues }] of jacobianSamples.entries()) {
              const values = singularValuesOfRows(found[index]!);
              expect(wrongSingularValues(values, jacobianSingularValues, tolerances)).toEqual([]);
            }
          });
        },
      );

      it('a graph model of one dense unit gives y = w x + b, and w', async () => {
        const folder = inData('models', graphModel);
        const bytes = await readFile(join(folder, 'group1-shard1of1.bin'));
        const [w, b] = [bytes.readFloatLE(0), bytes.readFloatLE(4)];
        await using network = await tfjsBackend({ engine }).load(join(folder, 'model.json'));
        const samples = [-2, 0, 0.5, 3];
        const batch = matrixOf(samples.map((x) => [x]));
        const { data } = await network.forward(batch);
        expect(
          wrongOutputs(
            data,
            samples.map((x) => w * x + b),
            1e-6,
          ),
        ).toEqual([]);
        const [jacobian] = (await network.jacobian?.(batch, [0])) ?? [];
        expect(Array.from(jacobian?.data ?? [])).toEqual([w, w, w, w]);
      });
    },
    enginesInNode,
  );

  it('of several outputs, none chosen, is refused', async () => {
    await expect(backend.load(inData('models', lenet, 'model.json'))).rejects.toMatchObject({
      code: 'AMBIGUOUS',
      message: expect.stringMatching(
        /there are 7: Conv2D_1, MaxPooling2D_1, .*, Softmax\. Choose one by the option 'output'/,
      ) as string,
    });
  });

  it('of several outputs is refused if another one is named', async () => {
    const path = inData('models', lenet, 'model.json');
    await expect(backend.load(path, { output: 'nothing' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringMatching(/got "nothing"\. There are .*Softmax/) as string,
    });
  });
});

describe.skipIf(dataFolder === undefined)(`damaged models ${skipped}`, () => {
  let folder = '';
  let path = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'edjm-tfjs-'));
    path = join(folder, 'model', 'model.json');
  });
  afterAll(() => rm(folder, { recursive: true }));

  /** A published model of its own folder, with its model.json changed. */
  async function copyOf(model: string, change: (json: string) => string = (json) => json): Promise<void> {
    await rm(join(folder, 'model'), { recursive: true, force: true });
    await cp(inData('models', model), join(folder, 'model'), { recursive: true });
    const json = await readFile(path, 'utf8');
    await rm(path);
    await writeFile(path, change(json));
  }

  async function refusal(code: string, says: RegExp): Promise<void> {
    const message = expect.stringMatching(says) as string;
    await expect(backend.load(path)).rejects.toMatchObject({ code, message });
  }

  it('is no copy that is whole', async () => {
    await copyOf(graphModel);
    await using network = await backend.load(path);
    expect([network.sampleSize, network.dOut]).toEqual([1, 1]);
  });

  it.each([0, 4, 7])('of %i bytes of weights in place of 8', async (length) => {
    await copyOf(graphModel);
    const weights = join(folder, 'model', 'group1-shard1of1.bin');
    const bytes = await readFile(weights);
    await rm(weights);
    await writeFile(weights, bytes.subarray(0, length));
    await refusal('INVALID_FILE', new RegExp(`expected 8 bytes of weights, got ${length}`));
  });

  it('without weights', async () => {
    await copyOf(graphModel);
    await rm(join(folder, 'model', 'group1-shard1of1.bin'));
    await refusal('NOT_FOUND', /group1-shard1of1\.bin/);
  });

  it.each(['../outside.bin', '/outside.bin', 'a/../../outside.bin'])(
    'with weights outside of its folder, in %s',
    async (outside) => {
      await writeFile(join(folder, 'outside.bin'), new Uint8Array(8));
      await copyOf(graphModel, (json) => json.replace('group1-shard1of1.bin', outside));
      await refusal('INVALID_FILE', /expected files in its own folder, got ".*outside\.bin"/);
    },
  );

  it.each([
    ['that is not JSON', (json: string) => json.slice(0, -10)],
    ['that is empty', () => ''],
    ['that is other JSON', () => '{"modelTopology": {}}'],
    ['whose weights have no shape', (json: string) => json.replaceAll('"shape": [', '"size": [')],
  ])('with a model.json %s', async (_, change) => {
    await copyOf(graphModel, change);
    await refusal('INVALID_FILE', /model\.json: expected a model\.json of TensorFlow\.js/);
  });

  it('with a layer of an unknown class', async () => {
    await copyOf('tfjs/abalone-mlp', (json) => json.replace('"Dense"', '"Shampoo"'));
    await refusal('UNSUPPORTED', /Shampoo/);
  });

  it('with weights of another shape', async () => {
    await copyOf('tfjs/abalone-mlp', (json) => json.replace('"units":50', '"units":49'));
    await refusal('INVALID_FILE', /bytes of weights|shape/i);
  });
});
