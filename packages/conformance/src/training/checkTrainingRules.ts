import type { DenseMatrix, LossFunction, ParameterValues, StepOptions } from '@edjm/core';
import { assert } from '../assertions.ts';
import { drawFrom } from '../reference/draw.ts';
import { assertNamed, copied, type NamedValues, parametersOf, valuesOf } from './namedValues.ts';
import { type Trainer, trainingCase } from './trainer.ts';

/** How parameters move; of several numbers for the momentum each is that of a step. */
interface UpdateRule {
  readonly momentum?: number | readonly number[];
  readonly nesterov?: boolean;
  readonly weightDecay?: number;
}

/** Update rules, by the tested part. */
export const updateRules: Readonly<Record<string, UpdateRule>> = {
  momentum: { momentum: 0.9 },
  'momentum that comes and goes': { momentum: [0.9, 0, 0.9] },
  "Nesterov's momentum": { momentum: 0.9, nesterov: true },
  'weight decay': { weightDecay: 0.1 },
  'all of them': { momentum: 0.5, nesterov: true, weightDecay: 0.02 },
};

const RATE = 0.1;
const STEPS = 3;

/** Steps follow the rule of `step`, computed here from the network's own gradients; velocities are those of the rule. */
export async function checkRule(train: Trainer, rule: UpdateRule): Promise<void> {
  const { network: source, batch, targets } = trainingCase('normalized features');
  const { nesterov = false, weightDecay = 0 } = rule;
  const momenta = [rule.momentum ?? 0].flat();
  const momentumOf = (step: number): number => momenta[step % momenta.length] ?? 0;
  const velocities = new Map<string, Float64Array>();
  const expected = await train(source, async ({ network }) => {
    for (let step = 0; step < STEPS; step++) {
      const momentum = momentumOf(step);
      const { gradients } = await network.gradients(batch, targets);
      const slopes = copied(gradients);
      const next = new Map<string, ParameterValues>();
      for (const [name, { shape, data }] of await network.parameters()) {
        const decay = shape.length >= 2 ? weightDecay : 0;
        const slope = slopes.get(name) ?? new Float64Array(data.length);
        const change = Float64Array.from(data, (w, i) => -RATE * ((slope[i] as number) + decay * w));
        const before = velocities.get(name);
        const velocity = change.map((value, i) => momentum * (before?.[i] ?? 0) + value);
        velocities.set(name, velocity);
        const move = nesterov ? velocity.map((v, i) => momentum * v + (change[i] as number)) : velocity;
        next.set(name, { shape, data: move.map((value, i) => (data[i] as number) + value) });
      }
      await network.setParameters(next);
    }
    return await parametersOf(network);
  });
  await train(source, async ({ network, tolerance }) => {
    for (let step = 0; step < STEPS; step++)
      await network.step(batch, targets, { learningRate: RATE, ...rule, momentum: momentumOf(step) });
    assertNamed({ got: await parametersOf(network), expected }, tolerance, `parameters after ${STEPS} steps`);
    assertNamed({ got: valuesOf(await network.velocities()), expected: velocities }, tolerance, 'velocities');
  });
}

/** Gradients from outside count as those of the loss do, in the velocities too. */
export async function checkAddedGradients(train: Trainer): Promise<void> {
  const options = { learningRate: RATE, momentum: 0.9 };
  const added = drawFrom(1).vector(8 * 6);
  const addedGradients = new Map([['0.weight', added]]);
  const plain = await afterSteps(train, options, 1);
  const expected = new Map(plain);
  expected.set(
    '0.weight',
    (plain.get('0.weight') ?? new Float64Array()).map((w, i) => w - RATE * (added[i] as number)),
  );
  const got = await afterSteps(train, { ...options, addedGradients }, 1);
  assertNamed({ got, expected }, 1e-6, 'parameters after a step with added gradients');
  const { network: source, batch, targets } = trainingCase('perceptron');
  await train(source, async ({ network }) => {
    const start = valuesOf(await network.parameters(['0.weight'])).get('0.weight');
    await network.step(batch, targets, { ...options, addedGradients });
    const velocity = valuesOf(await network.velocities()).get('0.weight') ?? new Float64Array();
    // The first step is the velocity.
    const end = got.get('0.weight')?.map((w, i) => w - (start?.[i] ?? NaN)) ?? new Float64Array();
    const comparison = { got: new Map([['0.weight', velocity]]), expected: new Map([['0.weight', end]]) };
    assertNamed(comparison, 1e-5, 'velocities');
  });
}

/** A custom loss gives the same results as the equal built-in loss. */
export async function checkOwnLoss(train: Trainer): Promise<void> {
  const squaredError: LossFunction = (outputs, targets) => {
    const difference = Float64Array.from(outputs.data, (y, i) => y - (targets.data[i] as number));
    const value = difference.reduce((sum, off) => sum + off ** 2 / 2, 0) / outputs.rows;
    return { value, gradient: { ...outputs, data: difference.map((off) => off / outputs.rows) } };
  };
  const expected = await afterSteps(train, { learningRate: RATE, loss: 'squared-error' }, 2);
  const got = await afterSteps(train, { learningRate: RATE, loss: squaredError }, 2);
  assertNamed({ got, expected }, 1e-6, "parameters after steps with a loss of one's own");
}

/** One seed drops the same values every time, another one others, and a rate of 0 none. */
export async function checkDropoutSeeds(train: Trainer): Promise<void> {
  const run = (seed: number, rate: number): Promise<NamedValues> =>
    afterSteps(train, { learningRate: RATE, dropout: { input: rate, hidden: rate, seed } }, 1);
  const first = await run(1, 0.5);
  assertNamed({ got: await run(1, 0.5), expected: first }, 0, 'a step with the same seed');
  const other = await run(2, 0.5);
  const apart = [...first].some(([name, values]) =>
    values.some((value, i) => Math.abs(value - (other.get(name)?.[i] ?? NaN)) > 1e-3),
  );
  assert(apart, 'a step with another seed: expected other parameters, got the same');
  const plain = await afterSteps(train, { learningRate: RATE }, 1);
  assertNamed({ got: await run(1, 0), expected: plain }, 0, 'a step with rates of 0');
}

/** Steps lower the loss, and outputs and rows are those of the parameters that they lead to. */
export async function checkTraining(train: Trainer): Promise<void> {
  const { network: source, batch, targets } = trainingCase('perceptron');
  await train(source, async ({ network, tolerance }) => {
    const losses: number[] = [];
    for (let step = 0; step < 20; step++) {
      losses.push((await network.step(batch, targets, { learningRate: 0.1, momentum: 0.5 })).loss);
    }
    const [first = NaN] = losses;
    const last = losses.at(-1) ?? NaN;
    assert(last < first, `loss after 20 steps: expected less than ${first}, got ${last}`);
    const data = (await network.forward(batch)).data.slice();
    const outputs: DenseMatrix = { rows: batch.rows, columns: targets.columns, data };
    const value = crossEntropy(outputs, targets);
    const { loss } = await network.gradients(batch, targets);
    assert(
      Math.abs(value - loss) <= tolerance * Math.abs(loss),
      `loss of the outputs of forward(): expected ${loss}, as gradients() has it, got ${value}`,
    );
  });
}

function crossEntropy(outputs: DenseMatrix, targets: DenseMatrix): number {
  const { rows, columns } = outputs;
  let total = 0;
  for (let i = 0; i < rows; i++) {
    const y = Float64Array.from(outputs.data.subarray(i * columns, (i + 1) * columns));
    const logarithm = Math.log(y.reduce((sum, value) => sum + Math.exp(value), 0));
    y.forEach((value, k) => (total -= (targets.data[i * columns + k] as number) * (value - logarithm)));
  }
  return total / rows;
}

/** Parameters of the perceptron after some steps. */
async function afterSteps(train: Trainer, options: StepOptions, count: number): Promise<NamedValues> {
  const { network: source, batch, targets } = trainingCase('perceptron');
  return await train(source, async ({ network }) => {
    for (let step = 0; step < count; step++) await network.step(batch, targets, options);
    return await parametersOf(network);
  });
}
