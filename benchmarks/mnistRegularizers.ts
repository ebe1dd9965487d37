/**
 * MNIST with regularizers, as in Figure 6 of Wang et al. (2016): 784-1000-1000-10 trained on 50,000 images by momentum SGD, accuracy and score of
 * 10,000 validation images, and the time of a step.
 *
 *     pnpm bench mnist-regularizers --data FOLDER [--method NAME …] [--seeds 0,1,2] [--epochs N] [--strength X] [--out FILE]
 *
 * The folder has the four files of MNIST. One line of JSON for each run goes to the file, and a table of all lines in it to standard output.
 */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { onnxBackend } from '@edjm/backend-onnx';
import { analyze, type Dataset, type DenseMatrix } from '@edjm/core';
import { openDataset, openLabels } from '@edjm/datasets';
import { edjmScore } from '@edjm/metrics';
import { multilayerPerceptron, type Network, orthogonal } from '@edjm/network';
import { halving, loadSamples, momentumSgd, splitSamples, train, type TrainingOptions } from '@edjm/recipes';
import { edjmLogDet, layerLogSpectrum, svdFactorized, svdLayers } from '@edjm/regularizers';

/** How a network is trained, by a small search over rates, gains and strengths. */
interface Method {
  /** The learning rate of the first epoch. */
  readonly rate: number;
  /** Singular values of the first weights. */
  readonly gain: number;
  /** Passes over the images. Defaults to 20, after which the others learn no more. */
  readonly epochs?: number;
  /** The strength of the regularizer. */
  readonly strength?: number;
  readonly prepare?: (network: Network) => Network;
  readonly options?: (network: Network, strength: number) => TrainingOptions;
}

const methods: Readonly<Record<string, Method>> = {
  baseline: { rate: 0.15, gain: 0.5 },
  dropout: { rate: 0.05, gain: 0.5, epochs: 40, options: () => ({ dropout: { input: 0.2, hidden: 0.5 } }) },
  'layer-log-spectrum': {
    rate: 0.01,
    gain: 1.41,
    strength: 3e-4,
    prepare: (network) => svdFactorized(network),
    options: (network, strength) => ({
      regularizers: [layerLogSpectrum({ strength, layers: svdLayers(network) })],
    }),
  },
  'edjm-log-det': {
    rate: 0.15,
    gain: 0.5,
    strength: 1e-4,
    options: (_, strength) => ({ regularizers: [edjmLogDet({ strength, outputs: 1 })] }),
  },
};

/** One run. */
interface Run {
  readonly method: string;
  readonly seed: number;
  readonly epochs: number;
  readonly strength: number | null;
  /** The accuracy in the best epoch. */
  readonly accuracy: number;
  readonly score: number;
  /** Median of the milliseconds of a step, epochs over steps. */
  readonly stepMilliseconds: number;
}

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    method: { type: 'string', multiple: true },
    seeds: { type: 'string', default: '0' },
    epochs: { type: 'string' },
    strength: { type: 'string' },
    out: { type: 'string', default: 'mnist-regularizers.jsonl' },
  },
});
if (values.data === undefined) throw new Error('expected --data FOLDER, got none.');

const [images, labels] = ['train-images-idx3-ubyte.gz', 'train-labels-idx1-ubyte.gz'].map((name) =>
  join(values.data ?? '', name),
) as [string, string];
const all = await loadSamples(await openDataset(images), await openLabels(labels));
const batchSize = 128;

async function run(name: string, seed: number): Promise<Run> {
  const method = methods[name];
  if (method === undefined)
    throw new Error(`expected a method among ${Object.keys(methods).join(', ')}, got ${name}.`);
  const strength = Number(values.strength ?? method.strength ?? 0);
  const epochs = Number(values.epochs ?? method.epochs ?? 20);
  const plain = multilayerPerceptron({
    dIn: 784,
    hidden: [1000, 1000],
    dOut: 10,
    seed,
    initializer: orthogonal({ gain: method.gain }),
  });
  const source = method.prepare?.(plain) ?? plain;
  await using network = await onnxBackend().loadTrainable(source);
  // The same images are put aside for every seed, so that scores are of the same data.
  const data = splitSamples(all, { validation: 10_000 });
  const steps = Math.ceil(data.training.samples.rows / batchSize);
  const { history } = await train(network, data, {
    epochs,
    batchSize,
    seed,
    optimizer: momentumSgd({ learningRate: method.rate }),
    schedule: halving({ patience: 2 }),
    ...method.options?.(source, strength),
    onEpoch: ({ epoch, trainingLoss, validation, learningRate, seconds, penalties }) => {
      console.error(
        `${name} ${String(seed)}: epoch ${String(epoch)}, loss ${trainingLoss.toFixed(5)}, accuracy ${String(validation.accuracy)}, rate ${String(learningRate)}, ${seconds.toFixed(1)} s ${JSON.stringify(penalties)}`,
      );
    },
  });
  const { metrics } = await analyze(network, inMemory(data.validation.samples), { metrics: [edjmScore()] });
  const seconds = history.epochs.map((epoch) => epoch.seconds).sort((a, b) => a - b);
  const result: Run = {
    method: name,
    seed,
    epochs,
    strength: method.strength === undefined ? null : strength,
    accuracy: 1 - (history.best?.result ?? NaN),
    score: metrics['edjm-score']?.value ?? NaN,
    stepMilliseconds: (1000 * (seconds[Math.floor(seconds.length / 2)] ?? NaN)) / steps,
  };
  appendFileSync(values.out, `${JSON.stringify(result)}\n`);
  console.error(JSON.stringify(result));
  return result;
}

/** Samples in memory as a data set. */
function inMemory({ rows, columns, data }: DenseMatrix): Dataset {
  return {
    name: 'validation images',
    n: rows,
    sampleShape: [columns],
    async *batches(size) {
      for (let first = 0; first < rows; first += size) {
        const end = Math.min(rows, first + size);
        yield { rows: end - first, columns, data: data.subarray(first * columns, end * columns) };
      }
    },
    sha256: () => Promise.resolve(''),
  };
}

for (const name of values.method ?? []) {
  for (const seed of values.seeds.split(',').map(Number)) await run(name, seed);
}

const lines = existsSync(values.out) ? readFileSync(values.out, 'utf8').trim().split('\n') : [];
const runs = lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Run);
const mean = (list: readonly number[]): number => list.reduce((sum, value) => sum + value, 0) / list.length;
const deviation = (list: readonly number[]): number =>
  Math.sqrt(list.reduce((sum, value) => sum + (value - mean(list)) ** 2, 0) / (list.length - 1));
for (const name of Object.keys(methods)) {
  const own = runs.filter(({ method }) => method === name);
  if (own.length === 0) continue;
  const scores = own.map(({ score }) => score);
  const accuracies = own.map(({ accuracy }) => accuracy);
  console.log(
    `${name.padEnd(20)} ${String(own.length)} seeds  score ${mean(scores).toFixed(3)} ± ${deviation(scores).toFixed(3)}  accuracy ${(100 * mean(accuracies)).toFixed(2)} ± ${(100 * deviation(accuracies)).toFixed(2)} %  step ${mean(own.map((one) => one.stepMilliseconds)).toFixed(1)} ms`,
  );
}
