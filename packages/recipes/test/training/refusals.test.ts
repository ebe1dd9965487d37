import { EdjmError } from '@edjm/core';
import { describe, expect, it } from 'vitest';
import { momentumSgd, train, type TrainingData, type TrainingOptions } from '../../src/index.ts';
import { memoryStore } from '../checkpoints/memoryStore.ts';
import { clouds, smallData, smallNetwork, weightsOf } from '../problem.ts';

const data = smallData();

/** Options that a run refuses without a change of the weights. */
async function refusal(given: Partial<TrainingData>, options: TrainingOptions = {}): Promise<string> {
  const network = await smallNetwork();
  const before = await weightsOf(network);
  const error: unknown = await train(network, { ...data, ...given }, { epochs: 2, ...options }).catch(
    (caught: unknown) => caught,
  );
  expect(await weightsOf(network)).toEqual(before);
  expect(error).toBeInstanceOf(EdjmError);
  const { code, message } = error as EdjmError;
  return `${code} ${message}`;
}

describe('train refuses before work starts', () => {
  const good = clouds(10, 3);
  const { samples } = good;
  const withValue = (value: number) => ({
    ...samples,
    data: samples.data.map((x, i) => (i === 21 ? value : x)),
  });
  const targets = { rows: 10, columns: 3, data: new Float32Array(30).fill(0.5) };

  it.each<[string, TrainingData['training'], RegExp]>([
    [
      'a label too large',
      { samples, labels: Int32Array.of(0, 1, 2, 0, 3, 1, 0, 1, 2, 0) },
      /^INVALID_DATA training: expected labels from 0 to 2.*got 3 for sample 4/,
    ],
    [
      'a negative label',
      { samples, labels: Int32Array.of(0, -1, 2, 0, 1, 1, 0, 1, 2, 0) },
      /^INVALID_DATA training: .*got -1 for sample 1/,
    ],
    [
      'too few labels',
      { samples, labels: new Uint8Array(9) },
      /^SHAPE_MISMATCH training: expected one label for each of 10 samples, got 9/,
    ],
    [
      'NaN',
      { ...good, samples: withValue(NaN) },
      /^INVALID_DATA training, samples: expected finite values, got NaN in row 5/,
    ],
    ['infinities', { ...good, samples: withValue(-Infinity) }, /^INVALID_DATA .*got -Infinity in row 5/],
    [
      'no samples',
      { samples: { rows: 0, columns: 4, data: new Float32Array() }, labels: new Uint8Array() },
      /^INVALID_DATA training: expected samples, got none/,
    ],
    [
      'samples of another size',
      { samples: { rows: 8, columns: 5, data: samples.data }, labels: new Uint8Array(8) },
      /^SHAPE_MISMATCH training, samples: expected 8 × 4 values, got 8 × 5/,
    ],
    [
      'an array of another length',
      { ...good, samples: { ...samples, data: new Float32Array(3) } },
      /^SHAPE_MISMATCH .*with 3/,
    ],
    [
      'targets of another number',
      { samples, targets: { ...targets, rows: 9 } },
      /^SHAPE_MISMATCH training, targets: expected 10 × 3/,
    ],
    [
      'targets that are no probabilities',
      { samples, targets },
      /^INVALID_DATA training, targets: expected probabilities.*sum 1\.5 in row 0.*'squared-error'/,
    ],
  ])('%s', async (_, training, expected) => {
    expect(await refusal({ training })).toMatch(expected);
    const inValidation = new RegExp(expected.source.replace('training', 'validation'));
    expect(await refusal({ validation: training })).toMatch(inValidation);
  });

  it.each<[TrainingOptions, RegExp]>([
    [{ epochs: 0 }, /epochs: expected a whole number of 1 or more, got 0/],
    [{ batchSize: 1.5 }, /batchSize: expected a whole number/],
    [{ weightDecay: -1 }, /weightDecay: expected 0 or more, got -1/],
    [{ seed: 2 ** 40 }, /seed: expected a 32-bit integer/],
    [{ dropout: { hidden: 1 } }, /dropout: expected rates from 0 up to 1, 1 excluded, got 1/],
    [{ earlyStop: { patience: 0 } }, /earlyStop.patience: expected/],
    [{ checkpoints: { store: memoryStore(), everySteps: 0 } }, /checkpoints.everySteps: expected/],
    [{ checkpoints: { store: memoryStore(), everySeconds: 0 } }, /checkpoints.everySeconds: expected/],
    [{ spectrum: { every: 0, samples } }, /spectrum.every: expected/],
  ])('%o', async (options, expected) => {
    expect(await refusal({}, options)).toMatch(expected);
  });

  it('a monitor of errors without labels, samples of spectra of another size', async () => {
    const validation = { samples, targets: { ...targets, data: new Float32Array(30).fill(1 / 3) } };
    expect(await refusal({ validation }, { monitor: 'error' })).toMatch(
      /^INVALID_ARGUMENT monitor: expected 'loss'/,
    );
    const spectrum = { samples: { rows: 20, columns: 2, data: samples.data } };
    expect(await refusal({}, { spectrum })).toMatch(
      /^SHAPE_MISMATCH spectrum, samples: expected 20 × 4 values/,
    );
  });
});

describe('train', () => {
  it('names the step at which the loss is no number, and keeps the parameters before', async () => {
    const network = await smallNetwork();
    const optimizer = momentumSgd({ learningRate: 1e38 });
    await expect(train(network, data, { epochs: 9, batchSize: 10, optimizer })).rejects.toThrow(
      /^epoch \d, (step \d of 5|validation): .*expected .*finite.*Lower the learning rate/,
    );
  });

  it('stops after the step at work where it is canceled', async () => {
    const stop = new AbortController();
    const steps: number[] = [];
    const run = train(await smallNetwork(), data, {
      batchSize: 10,
      signal: stop.signal,
      onProgress: ({ epoch, step }) => {
        steps.push(step);
        if (epoch === 2 && step === 3) stop.abort();
      },
    });
    await expect(run).rejects.toMatchObject({
      code: 'ABORTED',
      message:
        'expected training to finish, but it was canceled after step 3 of 5 of epoch 2. Give checkpoints, to be able to go on after a cancellation.',
    });
    expect(steps).toEqual([1, 2, 3, 4, 5, 1, 2, 3]);
  });

  it('lets a timer cancel it', async () => {
    const stop = new AbortController();
    setTimeout(() => {
      stop.abort();
    }, 20);
    const run = train(await smallNetwork(), data, { epochs: 1_000_000, signal: stop.signal });
    await expect(run).rejects.toMatchObject({ code: 'ABORTED' });
  });
});
