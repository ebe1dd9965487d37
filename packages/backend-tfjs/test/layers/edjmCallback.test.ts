import { cpuBackend } from '@edjm/backend-cpu';
import { type Analysis, analyze, type Dataset, EdjmError, type Metric } from '@edjm/core';
import { edjmScore, stableRank } from '@edjm/metrics';
import { dense as denseLayer, relu, seededRandom } from '@edjm/network';
import type * as TensorFlow from '@tensorflow/tfjs';
import * as tfjs from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { loadTfjsNode } from '../../src/engines/tfjsNode.ts';
import { type Tf, tfjsBackend } from '../../src/index.ts';
import { edjmCallback, type EdjmCallbackOptions, tfjsSvdLayers } from '../../src/layers/index.ts';

type Callbacks = (TensorFlow.Callback | TensorFlow.CustomCallback)[];

/** Without progress bars; the enumeration that names the levels is not exported. */
const quiet = Object.fromEntries([['verbose', 0]]) as Pick<TensorFlow.ModelFitArgs, 'verbose'>;
const dIn = 12;
const metrics: Metric[] = [edjmScore(), stableRank()];

function dataset(n = 40): Dataset {
  const { normal } = seededRandom(5);
  const samples = Float32Array.from({ length: n * dIn }, normal);
  return {
    name: 'samples',
    n,
    sampleShape: [dIn],
    async *batches(size) {
      for (let at = 0; at < n; at += size) {
        const rows = Math.min(size, n - at);
        yield { rows, columns: dIn, data: samples.slice(at * dIn, (at + rows) * dIn) };
      }
    },
    sha256: async () => '0'.repeat(64),
  };
}

type TestedEngine = { name: string; tf: Tf; backend: string; skipped?: string };

async function nativeEngine(): Promise<TestedEngine> {
  try {
    return { name: 'tensorflow', tf: await loadTfjsNode(), backend: 'tensorflow' };
  } catch (error) {
    const skipped = String(error).split('\n', 1)[0] ?? '';
    return { name: `tensorflow (skipped: ${skipped})`, tf: tfjs, backend: 'tensorflow', skipped };
  }
}

const isExtended = process.env['EDJM_TESTS'] === 'extended';
const engines: readonly TestedEngine[] = [
  isExtended ? await nativeEngine() : { name: 'cpu', tf: tfjs, backend: 'cpu' },
];

for (const { name, tf, backend: engine, skipped } of engines) {
  describe.skipIf(skipped !== undefined)(`a callback on the engine ${name}`, () => {
    const model = (): TensorFlow.Sequential => {
      const kernelInitializer = tf.initializers.heNormal({ seed: 2 });
      return tf.sequential({
        layers: [
          tf.layers.dense({ units: 10, activation: 'relu', kernelInitializer, inputShape: [dIn] }),
          tf.layers.dropout({ rate: 0.2, seed: 4 }),
          tf.layers.dense({ units: 3, kernelInitializer: tf.initializers.heNormal({ seed: 3 }) }),
        ],
      });
    };
    const options = (more: Partial<EdjmCallbackOptions> = {}): EdjmCallbackOptions => ({
      tf,
      backend: tfjsBackend({ tf }),
      data: dataset(),
      metrics,
      ...more,
    });

    async function train(
      callbacks: Callbacks,
      { epochs = 5, network = model() }: { epochs?: number; network?: TensorFlow.Sequential } = {},
    ) {
      await tf.setBackend(engine);
      network.compile({ optimizer: tf.train.adam(0.05), loss: 'meanSquaredError' });
      const [x, y] = [
        tf.randomNormal([32, dIn], 0, 1, 'float32', 7),
        tf.randomNormal([32, 3], 0, 1, 'float32', 8),
      ];
      const { history } = await network.fit(x, y, {
        epochs,
        batchSize: 8,
        shuffle: false,
        ...quiet,
        callbacks,
      });
      tf.dispose([x, y]);
      const weights = await Promise.all(
        network.getWeights().map(async (tensor) => Array.from(await tensor.data())),
      );
      return { network, history, weights };
    }

    it('puts values of every epoch into the history, those of the trained network last', async () => {
      const analyses: Analysis[] = [];
      const callback = edjmCallback(
        options({
          onReport: (epoch, analysis) => {
            expect(epoch).toBe(analyses.length);
            analyses.push(analysis);
          },
        }),
      );
      const { network, history } = await train([callback]);
      expect(Object.keys(history)).toEqual(['loss', 'edjm-score', 'stable-rank']);
      expect(history['edjm-score']).toEqual(
        analyses.map((analysis) => analysis.metrics['edjm-score']!.value),
      );
      expect(new Set(history['edjm-score']).size).toBe(5);
      expect(callback.reports).toEqual(
        analyses.map((_, epoch) => ({
          epoch,
          values: {
            'edjm-score': history['edjm-score']![epoch],
            'stable-rank': history['stable-rank']![epoch],
          },
        })),
      );
      const [first, , last] = network.layers;
      const dense = async (layer: TensorFlow.layers.Layer) => {
        const [kernel, bias] = layer.getWeights();
        const transposed = tf.transpose(kernel!);
        const weight = { shape: transposed.shape, data: await transposed.data<'float32'>() };
        return denseLayer({ weight, bias: await bias!.data<'float32'>() });
      };
      const layers = [await dense(first!), relu(), await dense(last!)];
      await using oracle = await cpuBackend().load({ name: 'the same', inputShape: [dIn], layers });
      const expected = await analyze(oracle, dataset(), { metrics });
      for (const [name, { value }] of Object.entries(expected.metrics)) {
        expect(Math.abs((history[name] as number[]).at(-1)! - value)).toBeLessThan(1e-4 * value);
      }
    });

    it('reports every k-th epoch, and the end', async () => {
      const epochs: number[] = [];
      const callback = edjmCallback(options({ every: 2, onReport: (epoch) => void epochs.push(epoch) }));
      const { history } = await train([callback]);
      expect(epochs).toEqual([1, 3, 4]);
      expect(history['edjm-score']).toHaveLength(2);
      expect(callback.reports.map(({ epoch }) => epoch)).toEqual([1, 3, 4]);
      await train([callback], { epochs: 2 });
      expect(callback.reports.map(({ epoch }) => epoch)).toEqual([1]);
    });

    it('disturbs no training', async () => {
      const { weights } = await train([]);
      expect((await train([edjmCallback(options())])).weights).toEqual(weights);
    });

    it('keeps no tensors', async () => {
      const counts: number[] = [];
      const count = () =>
        new tf.CustomCallback({ onEpochEnd: () => void counts.push(tf.memory().numTensors) });
      await train([count(), edjmCallback(options()), count()], { epochs: 3 });
      for (const epoch of [0, 1, 2]) expect(counts[2 * epoch + 1]).toBe(counts[2 * epoch]);
      const leftBy = async (callbacks: Callbacks) => {
        const before = tf.memory().numTensors;
        const { network } = await train(callbacks);
        network.optimizer.dispose();
        network.dispose();
        return tf.memory().numTensors - before;
      };
      expect(await leftBy([edjmCallback(options())])).toBe(await leftBy([]));
    });

    it('can be watched by callbacks after it', async () => {
      const stop = tf.callbacks.earlyStopping({ monitor: 'edjm-score', minDelta: 1e9 });
      const { history } = await train([edjmCallback(options()), stop]);
      expect(history['edjm-score']).toHaveLength(2);
    });

    it('analyzes the outputs that it is told to, of a model with SVD layers', async () => {
      const { svdDense } = tfjsSvdLayers(tf);
      const network = tf.sequential({
        layers: [svdDense({ units: 8, activation: 'relu', inputShape: [dIn] }), svdDense({ units: 3 })],
      });
      const found: number[][] = [];
      const callback = edjmCallback(
        options({
          outputs: [2, 0],
          onReport: (_, analysis) => void found.push(analysis.outputs.map(({ index }) => index)),
        }),
      );
      await train([callback], { epochs: 2, network });
      expect(found).toEqual([
        [2, 0],
        [2, 0],
      ]);
    });

    it('ends the training with the error of an analysis', async () => {
      const data = { ...dataset(), sampleShape: [dIn + 1] };
      await expect(train([edjmCallback(options({ data }))])).rejects.toThrow(EdjmError);
    });
  });
}

it.each([0, -1, 1.5, NaN])('refuses every = %d', (every) => {
  const call = () => edjmCallback({ tf: tfjs, backend: tfjsBackend(), data: dataset(), metrics, every });
  expect(call).toThrow(/every: expected a positive number of epochs, got .*\. Give/);
});
