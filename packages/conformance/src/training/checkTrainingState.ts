import type { ParameterValues, StepOptions } from '@edjm/core';
import { networkParameters, networkStatistics, withParameters } from '@edjm/network';
import { assert, assertClose, assertEqual, assertRefused } from '../assertions.ts';
import { drawFrom } from '../reference/draw.ts';
import { copy } from '../reference/matrices.ts';
import { assertNamed, valuesOf } from './namedValues.ts';
import { type Trainer, trainingCase } from './trainer.ts';
import { trainingCases } from './trainingCases.ts';
import { assertSame, stateOf } from './trainingState.ts';

const OPTIONS: StepOptions = { learningRate: 0.1, momentum: 0.9, batchStatistics: 0.5 };

/** Parameters and statistics have the names, shapes and values of the network as data; its outputs are logits. */
export async function checkNames(train: Trainer): Promise<void> {
  for (const { name, network: source } of trainingCases()) {
    await train(source, async ({ network, tolerance }) => {
      const text = (shapes: Iterable<readonly [string, readonly number[]]>): string =>
        [...shapes].map(([parameter, shape]) => `${parameter} ${shape.join(' × ')}`).join(', ');
      const wanted = networkParameters(source);
      const expected = text([...wanted].map(([parameter, { shape }]) => [parameter, shape] as const));
      assertEqual(text(network.parameterShapes), expected, `${name}, parameterShapes`);
      const parameters = await network.parameters();
      const got = text([...parameters].map(([parameter, { shape }]) => [parameter, shape] as const));
      assertEqual(got, expected, `${name}, parameters`);
      assertNamed(
        { got: valuesOf(parameters), expected: valuesOf(wanted) },
        tolerance,
        `${name}, parameters`,
      );
      const statistics = valuesOf(await network.statistics());
      const stored = valuesOf(networkStatistics(source));
      assertNamed({ got: statistics, expected: stored }, tolerance, `${name}, statistics`);
      assertEqual((await network.velocities()).size, 0, `${name}, velocities before the first step`);
      assertEqual(network.outputKind, 'logit', `${name}, outputKind`);
    });
  }
}

/** Parameters and statistics that are set are those of a network loaded with them; `parameters` gives those asked for. */
export async function checkSetting(train: Trainer): Promise<void> {
  const { network: source, batch } = trainingCase('convolutional network');
  const draw = drawFrom(2);
  const drawn = ({ shape, data }: ParameterValues): ParameterValues => ({
    shape,
    data: draw.vector(data.length).map((value) => 0.5 + value ** 2),
  });
  const parameters = new Map(
    [...networkParameters(source)]
      .filter(([name]) => name === '3.body.0.weight' || name === '1.weight')
      .map(([name, value]) => [name, drawn(value)] as const),
  );
  const statistics = new Map(
    [...networkStatistics(source)].map(([name, value]) => [name, drawn(value)] as const),
  );
  const changed = withParameters(source, new Map([...parameters, ...statistics]));
  const expected = await train(changed, async ({ network }) => copy(await network.forward(batch)));
  await train(source, async ({ network, tolerance }) => {
    await network.setParameters(parameters);
    await network.setStatistics(statistics);
    assertClose({ got: await network.forward(batch), expected }, tolerance, 'forward');
    const some = valuesOf(await network.parameters(['1.weight', '3.body.0.weight']));
    assertNamed({ got: some, expected: valuesOf(parameters) }, tolerance, 'parameters of two names');
    const stored = valuesOf(await network.statistics());
    assertNamed({ got: stored, expected: valuesOf(statistics) }, tolerance, 'statistics');
  });
}

/** Parameters, velocities and statistics are all that training goes on from. */
export async function checkResuming(train: Trainer): Promise<void> {
  const { network: source, batch, targets } = trainingCase('normalized features');
  await train(source, async ({ network: first }) => {
    for (let step = 0; step < 3; step++) await first.step(batch, targets, OPTIONS);
    await train(source, async ({ network: second }) => {
      await second.setVelocities(await first.velocities());
      await second.setParameters(await first.parameters(), true);
      await second.setStatistics(await first.statistics());
      await first.step(batch, targets, OPTIONS);
      await second.step(batch, targets, OPTIONS);
      await assertSame(second, await stateOf(first), 'the network that goes on');
      await second.setParameters(await second.parameters(['0.weight']));
      const velocities = valuesOf(await second.velocities());
      assert(
        velocities.get('0.weight')?.every((value) => value === 0) ?? true,
        'velocity of 0.weight after setParameters: expected none or zeros, got others',
      );
      assert(
        velocities.get('3.weight')?.some((value) => value !== 0) ?? false,
        'velocity of 3.weight after setParameters of another one: expected it to stay, got none',
      );
    });
  });
}

/** Arguments that do not fit are refused and change nothing. */
export async function checkTrainingErrors(train: Trainer): Promise<void> {
  const { network: source, batch, targets, products } = trainingCase('normalized features');
  await train(source, async ({ network }) => {
    await network.step(batch, targets, OPTIONS);
    const before = await stateOf(network);
    const step = (options: Partial<StepOptions>): Promise<unknown> =>
      network.step(batch, targets, { ...OPTIONS, ...options });
    const wide = drawFrom(3).matrix(batch.rows, targets.columns + 1);
    const few = drawFrom(3).matrix(batch.rows - 1, targets.columns);
    const [first = { cotangents: wide, tangents: wide }] = products;
    const named = (name: string, length: number) =>
      new Map([[name, { shape: [length], data: new Float32Array(length) }]]);

    const refused = async (
      code: Parameters<typeof assertRefused>[2],
      calls: Record<string, () => Promise<unknown>>,
    ) => {
      for (const [what, call] of Object.entries(calls)) await assertRefused(call, what, code);
    };
    await refused('INVALID_ARGUMENT', {
      'a learning rate of 0': () => step({ learningRate: 0 }),
      'a momentum of 1': () => step({ momentum: 1 }),
      'a negative weight decay': () => step({ weightDecay: -1 }),
      'a dropout rate of 1': () => step({ dropout: { seed: 1, hidden: 1 } }),
      'a fraction of statistics of 0': () => step({ batchStatistics: 0 }),
      'a fraction of statistics above 1': () => network.gradients(batch, targets, { batchStatistics: 1.5 }),
    });
    await refused('SHAPE_MISMATCH', {
      'targets that are too wide': () => network.step(batch, wide, OPTIONS),
      'a target too few': () => network.step(batch, few, OPTIONS),
      'gradients of a target too few': () => network.gradients(batch, few),
      'gradients of samples that are too narrow': () => network.gradients(few, few),
      'cotangents that are too wide': () =>
        network.jacobianGradients(batch, [{ ...first, cotangents: wide }]),
      'a tangent too few': () =>
        network.jacobianGradients(batch, [
          { ...first, tangents: { ...batch, rows: few.rows, data: batch.data.slice(batch.columns) } },
        ]),
      'added gradients that are too short': () =>
        step({ addedGradients: new Map([['0.weight', new Float32Array(3)]]) }),
      'one parameter of two that is too long': () =>
        network.setParameters(
          new Map([['0.weight', { shape: [5, 4], data: new Float32Array(20) }], ...named('0.bias', 7)]),
        ),
      'velocities that are too long': () => network.setVelocities(named('0.bias', 7)),
      'statistics that are too long': () => network.setStatistics(named('1.running_mean', 7)),
    });
    await refused('NOT_FOUND', {
      'parameters of no such name': () => network.parameters(['0.weight', '7.weight']),
      'added gradients of no such name': () =>
        step({ addedGradients: new Map([['7.weight', new Float32Array(3)]]) }),
      'setting a parameter of no such name': () => network.setParameters(named('7.weight', 3)),
      'setting velocities of no such name': () => network.setVelocities(named('7.weight', 3)),
      'setting statistics of no such name': () => network.setStatistics(named('7.running_mean', 3)),
    });
    await assertSame(network, before, 'after calls that were refused');
  });
}

/** A loss that is not finite leaves parameters, velocities and statistics. */
export async function checkInfiniteLoss(train: Trainer): Promise<void> {
  for (const name of ['normalized features', 'convolutional network']) {
    const { network: source, batch, targets } = trainingCase(name);
    await train(source, async ({ network }) => {
      await network.step(batch, targets, OPTIONS);
      const before = await stateOf(network);
      const infinite = { ...targets, data: targets.data.map(() => Infinity) };
      const noNumbers = { ...batch, data: batch.data.map(() => NaN) };
      const calls: Record<string, () => Promise<unknown>> = {
        'a step to infinite targets': () => network.step(batch, infinite, OPTIONS),
        'a step on samples that are no numbers': () => network.step(noNumbers, targets, OPTIONS),
        'gradients of infinite targets': () => network.gradients(batch, infinite, { batchStatistics: 0.5 }),
        'a step on a loss that is no number': () =>
          network.step(batch, targets, {
            ...OPTIONS,
            loss: (outputs) => ({ value: NaN, gradient: { ...outputs, data: outputs.data.map(() => 0) } }),
          }),
      };
      for (const [what, call] of Object.entries(calls)) {
        await assertRefused(call, what, 'INVALID_DATA');
        await assertSame(network, before, `after ${what}`);
      }
    });
  }
}

/** `dispose` may be called twice; every other call is refused afterwards. */
export async function checkTrainableDisposal(train: Trainer): Promise<void> {
  const { network: source, batch, targets, products } = trainingCase('perceptron');
  await train(source, async ({ network }) => {
    await network.step(batch, targets, OPTIONS);
    await network.dispose();
    await network.dispose();
    const calls: Record<string, () => Promise<unknown>> = {
      step: () => network.step(batch, targets, OPTIONS),
      gradients: () => network.gradients(batch, targets),
      jacobianGradients: () => network.jacobianGradients(batch, products),
      parameters: () => network.parameters(),
      setParameters: () => network.setParameters(new Map()),
      velocities: () => network.velocities(),
      statistics: () => network.statistics(),
    };
    for (const [what, call] of Object.entries(calls)) await assertRefused(call, `${what} after dispose`);
  });
}
