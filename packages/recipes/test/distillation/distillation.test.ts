import { cpuBackend } from '@edjm/backend-cpu';
import { type DenseMatrix, type LossFunction, withOutputKind } from '@edjm/core';
import { multilayerPerceptron, withParameters } from '@edjm/network';
import { describe, expect, it } from 'vitest';
import { distillationLoss, ensemble, logitTargets, softTargets, teacherOutputs } from '../../src/index.ts';
import { centeredRows, type Course, logitDistance, normalSamples, outputsOf, trained } from './student.ts';

const teacher = multilayerPerceptron({ dIn: 6, hidden: [24], dOut: 4, seed: 1 });
const samples = normalSamples(60, 6, 2);
const loaded = await cpuBackend().load(teacher);
const logits = await outputsOf(teacher, samples);

/** The classes that the teacher says. */
const labels = Uint8Array.from({ length: samples.rows }, (_, row) => {
  const values = Array.from(logits.data.subarray(row * 4, row * 4 + 4));
  return values.indexOf(Math.max(...values));
});

function softmax(values: readonly number[], temperature = 1): readonly number[] {
  const powers = values.map((value) => Math.exp(value / temperature));
  return powers.map((power) => power / powers.reduce((a, b) => a + b));
}

const rowOf = ({ columns, data }: DenseMatrix, row: number) =>
  Array.from(data.subarray(row * columns, (row + 1) * columns));

describe('teacherOutputs', () => {
  it('gives the outputs for any batch size', async () => {
    const expected = await loaded.forward(samples);
    for (const batchSize of [1, 7, 60, 100]) {
      const outputs = await teacherOutputs(loaded, samples, { batchSize });
      expect(outputs).toEqual(expected);
    }
  });

  it('refuses samples of another width, and no batches', async () => {
    const narrow = normalSamples(3, 5, 1);
    await expect(teacherOutputs(loaded, narrow)).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' });
    const none = teacherOutputs(loaded, samples, { batchSize: 0 });
    await expect(none).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });
});

describe('softTargets', () => {
  it('are the softmax of the logits divided by the temperature', async () => {
    const { data } = await softTargets(loaded, samples, { temperature: 3 });
    const expected = Array.from({ length: 60 }, (_, row) => softmax(rowOf(logits, row), 3)).flat();
    data.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i]!, 12);
    });
  });

  it('are the same for logits, probabilities and their logarithms', async () => {
    const [expected, ...others] = await Promise.all(
      (['logit', 'probability', 'log-probability'] as const).map((kind) =>
        softTargets(withOutputKind(loaded, kind), samples, { temperature: 2 }),
      ),
    );
    for (const { data } of others) {
      data.forEach((value, i) => {
        expect(value).toBeCloseTo(expected!.data[i]!, 12);
      });
    }
  });

  it('of an ensemble of probabilities are their mean at a temperature of 1', async () => {
    const other = await cpuBackend().load(multilayerPerceptron({ dIn: 6, hidden: [5], dOut: 4, seed: 8 }));
    const mean = ensemble([loaded, other], { average: 'probabilities' });
    const { data } = await softTargets(mean, samples, { temperature: 1 });
    const expected = await mean.forward(samples);
    data.forEach((value, i) => {
      expect(value).toBeCloseTo(expected.data[i]!, 12);
    });
  });

  it('take the true classes in, and stay probabilities', async () => {
    const mixture = { temperature: 4, hardWeight: 0.25 };
    const { data } = await softTargets(loaded, samples, { ...mixture, labels });
    const soft = softmax(rowOf(logits, 0), 4);
    const expected = soft.map((q, k) => (0.75 * 4 * q + (k === labels[0] ? 0.25 : 0)) / (0.75 * 4 + 0.25));
    expect(Array.from(data.subarray(0, 4))).toEqual(
      expected.map((value) => expect.closeTo(value, 12) as number),
    );
    expect(expected.reduce((a, b) => a + b)).toBeCloseTo(1, 12);
  });

  it.each([
    { temperature: 0 },
    { temperature: NaN },
    { temperature: 1, hardWeight: 1.5 },
    { temperature: 1, hardWeight: 0.5 },
    { temperature: 1, hardWeight: 0.5, labels: labels.slice(1) },
    { temperature: 1, hardWeight: 0.5, labels: labels.map(() => 4) },
  ])('refuse %j', async (options) => {
    await expect(softTargets(loaded, samples, options)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });
});

describe('logitTargets', () => {
  it('are the logits without their means, or with', async () => {
    const { data } = await logitTargets(loaded, samples);
    const expected = centeredRows(logits);
    data.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i]!, 12);
    });
    expect(await logitTargets(loaded, samples, { center: false })).toEqual(logits);
  });

  it('refuse the logarithm of 0', async () => {
    const sure = withParameters(
      teacher,
      new Map([['2.bias', { shape: [4], data: Float64Array.of(1e4, 0, 0, 0) }]]),
    );
    const probabilities = await cpuBackend().load(sure, { outputKind: 'probability' });
    await expect(logitTargets(probabilities, samples)).rejects.toMatchObject({ code: 'INVALID_DATA' });
  });
});

describe('distillationLoss', () => {
  const outputs = normalSamples(5, 4, 3);
  const teacherLogits = normalSamples(5, 4, 4);
  const classes = [0, 3, 1, 1, 2];

  /** A network that gives these logits for whatever samples. */
  const source = {
    ...loaded,
    name: 'given',
    sampleSize: 4,
    dIn: 4,
    dOut: 4,
    outputKind: 'logit' as const,
    precision: 'float64' as const,
    preferredBatchSize: 5,
    forward: () => Promise.resolve(teacherLogits),
  };
  const targetsOf = (temperature: number, hardWeight: number) =>
    softTargets(source, outputs, { temperature, hardWeight, labels: classes });

  it.each([
    [1, 0],
    [3, 0],
    [0.5, 0.3],
    [5, 0.3],
    [4, 1],
  ])('is what it is defined as, at temperature %d with hardWeight %d', async (temperature, hardWeight) => {
    const targets = await targetsOf(temperature, hardWeight);
    const { value, gradient } = distillationLoss({ temperature, hardWeight })(outputs, targets);
    let expected = 0;
    for (const [row, label] of classes.entries()) {
      const [z, v] = [rowOf(outputs, row), rowOf(teacherLogits, row)];
      const q = softmax(v, temperature);
      const [soft, hard] = [softmax(z, temperature), softmax(z)];
      const entropy = q.reduce((sum, share, k) => sum - share * Math.log(soft[k]!), 0);
      expected += ((1 - hardWeight) * temperature ** 2 * entropy - hardWeight * Math.log(hard[label]!)) / 5;
      const gradients = z.map((_, k) => {
        const y = k === label ? 1 : 0;
        return ((1 - hardWeight) * temperature * (soft[k]! - q[k]!) + hardWeight * (hard[k]! - y)) / 5;
      });
      gradients.forEach((expectedGradient, k) => {
        expect(gradient.data[row * 4 + k]).toBeCloseTo(expectedGradient, 12);
      });
    }
    expect(value).toBeCloseTo(expected, 11);
    expectGradient(distillationLoss({ temperature, hardWeight }), outputs, targets);
  });

  it('becomes the regression on logits as the temperature rises', async () => {
    const temperature = 1e4;
    const { gradient } = distillationLoss({ temperature })(outputs, await targetsOf(temperature, 0));
    const limit = centeredRows(outputs).map((z, i) => (z - centeredRows(teacherLogits)[i]!) / 4 / 5);
    gradient.data.forEach((value, i) => {
      expect(value).toBeCloseTo(limit[i]!, 4);
    });
  });

  it('does not overflow', () => {
    const large = { rows: 1, columns: 2, data: Float64Array.of(1e4, -1e4) };
    const { value, gradient } = distillationLoss({ temperature: 2 })(large, {
      ...large,
      data: Float64Array.of(0, 1),
    });
    expect(value).toBeCloseTo(2 * 2e4, 6);
    expect([...gradient.data]).toEqual([2, -2]);
  });

  it('refuses a temperature of 0', () => {
    expect(() => distillationLoss({ temperature: 0 })).toThrow(/temperature above 0, got 0/);
  });
});

/** Compares with central differences. */
function expectGradient(loss: LossFunction, outputs: DenseMatrix, targets: DenseMatrix): void {
  const { gradient } = loss(outputs, targets);
  const h = 1e-5;
  for (let i = 0; i < outputs.data.length; i++) {
    const at = (step: number) => {
      const data = Float64Array.from(outputs.data);
      data[i]! += step;
      return loss({ ...outputs, data }, targets).value;
    };
    expect(gradient.data[i]).toBeCloseTo((at(h) - at(-h)) / (2 * h), 7);
  }
}

describe('a student', () => {
  const student = multilayerPerceptron({ dIn: 6, hidden: [8], dOut: 4, seed: 5 });
  const fresh = normalSamples(200, 6, 77);
  const oneHot = {
    rows: 60,
    columns: 4,
    data: Float64Array.from({ length: 240 }, (_, i) => (labels[Math.floor(i / 4)] === i % 4 ? 1 : 0)),
  };

  async function distance(course: Omit<Course, 'samples' | 'steps'>): Promise<number> {
    const parameters = await trained(student, { samples, steps: 150, ...course });
    return logitDistance(withParameters(student, parameters), teacher, fresh);
  }

  it('comes nearer to the teacher by soft labels and by logits than by classes alone', async () => {
    const step = { learningRate: 0.05, momentum: 0.9 };
    const mixture = { temperature: 3, hardWeight: 0.1 };
    const byClasses = await distance({ targets: oneHot, options: step });
    const bySoftLabels = await distance({
      targets: await softTargets(loaded, samples, { ...mixture, labels }),
      options: { ...step, loss: distillationLoss(mixture) },
    });
    const byLogits = await distance({
      targets: await logitTargets(loaded, samples),
      options: { ...step, loss: 'squared-error' },
    });
    expect(bySoftLabels).toBeLessThan(byClasses / 2);
    expect(byLogits).toBeLessThan(byClasses / 2);
  });
});
