import { assertClose } from '../assertions.ts';
import { assertNamed, copied, fromNumbers, parametersOf, valuesOf } from './namedValues.ts';
import type { Trainer } from './trainer.ts';
import type { TrainingCase, TrainingRun } from './trainingCase.ts';
import { runGolden, trainingGolden } from './trainingGolden.ts';

/** Such that a step is about as large as the gradient. */
const LEARNING_RATE = 0.5;

/** `gradients` agrees with the oracle and leaves the parameters; statistics move as the oracle's. */
export async function checkGradients(
  train: Trainer,
  training: TrainingCase,
  { name, options }: TrainingRun,
): Promise<void> {
  const { network: source, batch, targets } = training;
  const golden = runGolden(training, name);
  await train(source, async ({ network, tolerance }) => {
    const before = await parametersOf(network);
    const { loss, gradients } = await network.gradients(batch, targets, options);
    assertLoss(loss, golden.loss, tolerance);
    assertNamed({ got: copied(gradients), expected: fromNumbers(golden.gradients) }, tolerance, 'gradients');
    assertNamed({ got: await parametersOf(network), expected: before }, 0, 'parameters after gradients()');
    const statistics = valuesOf(await network.statistics());
    assertNamed({ got: statistics, expected: fromNumbers(golden.statistics) }, tolerance, 'statistics');
  });
}

/** A step goes from the same loss against the same gradient, and moves statistics as far. */
export async function checkStep(
  train: Trainer,
  training: TrainingCase,
  { name, options }: TrainingRun,
): Promise<void> {
  const { network: source, batch, targets } = training;
  const golden = runGolden(training, name);
  await train(source, async ({ network, tolerance }) => {
    const before = await parametersOf(network);
    const { loss } = await network.step(batch, targets, { ...options, learningRate: LEARNING_RATE });
    assertLoss(loss, golden.loss, tolerance);
    const after = await parametersOf(network);
    const moved = new Map(
      [...before].map(([parameter, data]) => [
        parameter,
        data.map((value, i) => (value - (after.get(parameter)?.[i] ?? NaN)) / LEARNING_RATE),
      ]),
    );
    assertNamed({ got: moved, expected: fromNumbers(golden.gradients) }, tolerance, 'steps');
    const statistics = valuesOf(await network.statistics());
    assertNamed({ got: statistics, expected: fromNumbers(golden.statistics) }, tolerance, 'statistics');
  });
}

/** `jacobianGradients` agrees with the oracle, is 0 for no products, and leaves parameters and statistics. */
export async function checkJacobianGradients(train: Trainer, training: TrainingCase): Promise<void> {
  const { network: source, batch, products } = training;
  await train(source, async ({ network, tolerance }) => {
    const before = await parametersOf(network);
    const statistics = valuesOf(await network.statistics());
    const got = copied(await network.jacobianGradients(batch, products));
    const expected = fromNumbers(trainingGolden(training).jacobianGradients);
    assertNamed({ got, expected }, tolerance, 'jacobianGradients');
    const none = copied(await network.jacobianGradients(batch, []));
    const zeros = new Map([...expected].map(([name, values]) => [name, values.map(() => 0)]));
    assertNamed({ got: none, expected: zeros }, 0, 'jacobianGradients of no products');
    assertNamed({ got: await parametersOf(network), expected: before }, 0, 'parameters');
    assertNamed({ got: valuesOf(await network.statistics()), expected: statistics }, 0, 'statistics');
  });
}

function assertLoss(got: number, expected: number, tolerance: number): void {
  const matrix = (value: number) => ({ rows: 1, columns: 1, data: Float64Array.of(value) });
  assertClose({ got: matrix(got), expected: matrix(expected) }, tolerance, 'loss');
}
