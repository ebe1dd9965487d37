import { cpuBackend } from '@edjm/backend-cpu';
import type { Regularizer, TrainableNetwork } from '@edjm/core';
import { batchNorm, dense, multilayerPerceptron, relu, seededRandom } from '@edjm/network';
import { describe, expect, it } from 'vitest';
import {
  adam,
  type History,
  momentumSgd,
  pathSgd,
  train,
  type TrainingData,
  type TrainingOptions,
} from '../../src/index.ts';
import { clouds, smallData, smallNetwork, weightsOf } from '../problem.ts';
import { memoryStore } from './memoryStore.ts';

const data = smallData();

/** Weights are halved now and then: what a projection does depends on where it is done. */
const halved: Regularizer = {
  name: 'halved',
  needs: [],
  every: 2,
  penalty: (_, { step, seed }) => Math.sin(step + seed),
  gradient: () => ({}),
  projection: {
    every: 4,
    apply: (parameters) => ({
      parameters: new Map(
        [...parameters].map(([name, { shape, data: values }]) => [
          name,
          { shape, data: values.map((w) => 0.9 * w) },
        ]),
      ),
    }),
  },
};

function normalized(): Promise<TrainableNetwork> {
  const weight = { shape: [3, 4], data: Float64Array.from({ length: 12 }, seededRandom(3).normal) };
  const [ones, zeros] = [new Float64Array(4).fill(1), new Float64Array(4)];
  return cpuBackend().loadTrainable({
    name: 'normalized',
    inputShape: [4],
    layers: [batchNorm({ scale: ones, bias: zeros, mean: zeros, variance: ones }), relu(), dense({ weight })],
  });
}

/** A history without times. */
function timeless({ epochs, ...rest }: History): object {
  return { ...rest, epochs: epochs.map((record) => ({ ...record, seconds: 0 })) };
}

describe('a run that is canceled after any step and resumed', () => {
  const structure = multilayerPerceptron({ dIn: 4, hidden: [6], dOut: 3 });
  it.each<[string, () => Promise<TrainableNetwork>, TrainingOptions]>([
    ['momentum', smallNetwork, { optimizer: momentumSgd({ nesterov: true }), dropout: { hidden: 0.2 } }],
    ['Adam', smallNetwork, { optimizer: adam({ learningRate: 0.01 }), weightDecay: 0.01 }],
    ['Path-SGD', smallNetwork, { optimizer: pathSgd({ network: structure, learningRate: 0.01 }) }],
    ['batch normalization', normalized, { batchStatistics: 0.2 }],
    ['a regularizer with a projection', smallNetwork, { regularizers: [halved] }],
  ])('ends with the same weights: %s', async (_, load, given) => {
    const options: TrainingOptions = { epochs: 3, batchSize: 13, seed: 7, ...given };
    const whole = await load();
    const expected = await train(whole, data, options);
    for (let steps = 0; steps < 12; steps++) {
      const store = memoryStore();
      const stop = new AbortController();
      let done = 0;
      const onProgress = () => {
        done++;
        if (done === steps) stop.abort();
      };
      if (steps === 0) stop.abort();
      const canceled = train(await load(), data, {
        ...options,
        signal: stop.signal,
        onProgress,
        checkpoints: { store },
      });
      await expect(canceled).rejects.toThrow(/Go on with the same arguments and resume: true/);
      const resumed = await load();
      const result = await train(resumed, data, { ...options, checkpoints: { store, resume: true } });
      expect(await weightsOf(resumed)).toEqual(await weightsOf(whole));
      expect([...(await resumed.statistics())]).toEqual([...(await whole.statistics())]);
      expect(timeless(result.history)).toEqual(timeless(expected.history));
      expect(result.resumedFrom).toMatchObject({
        epochs: Math.floor(steps / 4),
        step: steps % 4,
        damaged: [],
      });
    }
  });

  it('goes on if there are more epochs, as a run of as many', async () => {
    const store = memoryStore();
    await train(await smallNetwork(), data, { epochs: 2, checkpoints: { store } });
    const network = await smallNetwork();
    await train(network, data, { epochs: 5, checkpoints: { store, resume: true } });
    const whole = await smallNetwork();
    await train(whole, data, { epochs: 5 });
    expect(await weightsOf(network)).toEqual(await weightsOf(whole));
  });

  it('begins where there are no checkpoints', async () => {
    const { resumedFrom } = await train(await smallNetwork(), data, {
      epochs: 1,
      checkpoints: { store: memoryStore(), resume: true },
    });
    expect(resumedFrom).toBeUndefined();
  });
});

describe('checkpoints', () => {
  it('are written after epochs and so many steps; the newest two and the best stay', async () => {
    const store = memoryStore();
    // Worse from epoch to epoch, after the first.
    const optimizer = momentumSgd({ learningRate: 1e-9, momentum: 0 });
    const options: TrainingOptions = { batchSize: 13, optimizer, epochs: 3 };
    const { history } = await train(await smallNetwork(), data, {
      ...options,
      checkpoints: { store, everySteps: 3 },
    });
    expect(history.best!.epoch).toBe(1);
    const steps = (names: Iterable<string>) => [...names].map((name) => Number(/\d+/.exec(name)![0]));
    expect(steps(store.written)).toEqual([0, 3, 4, 6, 8, 9, 12]);
    expect(steps(store.files.keys())).toEqual([4, 9, 12]);
  });

  it('are written every so many seconds', async () => {
    const store = memoryStore();
    await train(await smallNetwork(), data, {
      batchSize: 13,
      epochs: 1,
      checkpoints: { store, everySeconds: 1e-9 },
    });
    expect(store.written).toHaveLength(5);
  });

  it('are refused if a run is to begin', async () => {
    const store = memoryStore();
    const options: TrainingOptions = { epochs: 1, checkpoints: { store } };
    await train(await smallNetwork(), data, options);
    await expect(train(await smallNetwork(), data, options)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringMatching(
        /^memory: expected no checkpoints.*got checkpoint-0+1\.safetensors/,
      ) as string,
    });
  });

  it('of another run are refused, saying what differs', async () => {
    const store = memoryStore();
    await train(await smallNetwork(), data, { epochs: 1, checkpoints: { store } });
    const difference = async (
      options: TrainingOptions,
      {
        given = data,
        load = smallNetwork,
      }: { given?: TrainingData; load?: () => Promise<TrainableNetwork> } = {},
    ): Promise<string> => {
      const network = await load();
      const before = await weightsOf(network);
      const run = train(network, given, { epochs: 2, checkpoints: { store, resume: true }, ...options });
      const error: unknown = await run.catch((caught: unknown) => caught);
      expect(await weightsOf(network)).toEqual(before);
      return String(error);
    };
    expect(await difference({ batchSize: 7 })).toMatch(
      /expected a checkpoint of this run, got one of another: they differ in batchSize \(128 in the checkpoint, 7 in this run\)\. Give/,
    );
    expect(await difference({ optimizer: adam() })).toMatch(
      /differ in optimizer \(\["momentum-sgd",.* \["adam"/,
    );
    expect(await difference({ optimizer: momentumSgd({ learningRate: 0.2 }) })).toMatch(
      /differ in optimizer/,
    );
    expect(await difference({ seed: 3, weightDecay: 0.1 })).toMatch(/weightDecay \(0 in.*; seed \(0 in/);
    expect(await difference({ regularizers: [halved] })).toMatch(
      /differ in regularizers \(\[\] in the checkpoint/,
    );
    expect(await difference({ dropout: { input: 0.1 } })).toMatch(/differ in dropout/);
    expect(await difference({}, { given: { ...data, training: clouds(50, 8) } })).toMatch(
      /differ in training samples/,
    );
    expect(await difference({}, { given: { ...data, validation: clouds(31, 2) } })).toMatch(
      /differ in validation samples/,
    );
    const [, ...labels] = (data.training as ReturnType<typeof clouds>).labels;
    const relabeled = { samples: data.training.samples, labels: Int32Array.of(2, ...labels) };
    expect(await difference({}, { given: { ...data, training: relabeled } })).toMatch(
      /differ in training samples/,
    );
    expect(await difference({}, { load: normalized })).toMatch(
      /differ in parameters of the network \(0\.weight 6 × 4/,
    );
  });

  it('that are damaged are passed over, and refused if none is whole', async () => {
    const store = memoryStore();
    const options: TrainingOptions = { epochs: 3, batchSize: 13, checkpoints: { store, resume: true } };
    const whole = await smallNetwork();
    await train(whole, data, options);
    const names = [...store.files.keys()].sort();
    const newest = names.at(-1)!;
    const bytes = store.files.get(newest)!;
    const flipped = bytes.slice();
    flipped[flipped.length - 5]! ^= 1;
    for (const damaged of [
      bytes.subarray(0, bytes.length - 1),
      bytes.subarray(0, 100),
      new Uint8Array(),
      flipped,
    ]) {
      store.files.set(newest, damaged);
      const network = await smallNetwork();
      const { resumedFrom } = await train(network, data, options);
      expect(resumedFrom).toMatchObject({ checkpoint: names.at(-2), damaged: [newest] });
      expect(await weightsOf(network)).toEqual(await weightsOf(whole));
    }
    for (const name of names) store.files.set(name, flipped);
    await expect(train(await smallNetwork(), data, options)).rejects.toMatchObject({
      code: 'INVALID_FILE',
      message: expect.stringMatching(
        /^memory: expected a whole checkpoint among .*, got none: checkpoint-/,
      ) as string,
    });
  });

  it('that cannot be written end a run before its first step', async () => {
    const full = { ...memoryStore(), write: () => Promise.reject(new Error('full')) };
    const onProgress = (): void => {
      throw new Error('a step');
    };
    const run = train(await smallNetwork(), data, { checkpoints: { store: full }, onProgress });
    await expect(run).rejects.toThrow('full');
  });

  it('before a loss that is no number stay', async () => {
    const store = memoryStore();
    const options: TrainingOptions = {
      epochs: 9,
      batchSize: 13,
      checkpoints: { store, everySteps: 1, resume: true },
    };
    const exploding: Regularizer = {
      name: 'exploding',
      needs: [],
      penalty: () => 0,
      gradient: (_, { step }) => ({
        parameters: new Map(step < 6 ? [] : [['2.bias', Float64Array.of(1e306, -1e306, 1e306)]]),
      }),
    };
    const run = train(await smallNetwork(), data, { ...options, regularizers: [exploding] });
    await expect(run).rejects.toThrow(
      /^epoch [2-9], (step \d of 4|validation): .*Checkpoints before are as they were\.$/,
    );
    expect(store.files.size).toBeGreaterThan(1);
  });
});
