import { cpuBackend } from '@edjm/backend-cpu';
import type { Regularizer, TrainableNetwork } from '@edjm/core';
import { valueCount } from '@edjm/network';
import { describe, expect, it } from 'vitest';
import {
  edjmLogDet,
  type Evaluation,
  evaluateRegularizer,
  orthogonality,
  svdFactorized,
  weightLogDet,
} from '../../src/index.ts';
import { convolutionalNetwork, denseNetwork, moved, regularizersFor } from '../networks.ts';
import { randomMatrix, relativeDifference } from '../numbers.ts';

const where = { step: 3, seed: 11 };

/** Slopes of the penalty along random directions in each parameter, by central differences through the network. */
async function slopesAlong(
  network: TrainableNetwork,
  directions: ReadonlyMap<string, readonly Float64Array[]>,
  penalty: () => Promise<number>,
): Promise<number[]> {
  const step = 1e-5;
  const slopes: number[] = [];
  for (const [name, { shape, data }] of await network.parameters()) {
    for (const direction of directions.get(name)!) {
      const penaltyAt = async (way: number): Promise<number> => {
        const changed = Float64Array.from(data, (value, at) => value + way * direction[at]!);
        await network.setParameters(new Map([[name, { shape, data: changed }]]));
        return penalty();
      };
      slopes.push(((await penaltyAt(step)) - (await penaltyAt(-step))) / (2 * step));
    }
    await network.setParameters(new Map([[name, { shape, data }]]));
  }
  return slopes;
}

const networks = [denseNetwork(), convolutionalNetwork()].flatMap((network) => [
  ['as it is', network] as const,
  ['of SVD layers', moved(svdFactorized(network))] as const,
]);
const cases = networks.flatMap(([form, network]) =>
  regularizersFor(network).map(([label, regularizer]) => ({
    form,
    network,
    label,
    regularizer,
    name: network.name,
  })),
);

it.each(cases)('$name network $form: the gradient of $label is that of differences', async (given) => {
  const { regularizer } = given;
  const network = await cpuBackend().loadTrainable(given.network);
  const batch = randomMatrix(5, valueCount(given.network.inputShape), 4);
  const directions = new Map(
    [...network.parameterShapes].map(([name, shape]) => [
      name,
      [1, 2, 3].map((seed) => randomMatrix(1, valueCount(shape), seed).data),
    ]),
  );
  const evaluate = (): Promise<Evaluation> => evaluateRegularizer(network, regularizer, { batch, ...where });
  const { gradient } = await evaluate();
  const slopes = await slopesAlong(network, directions, async () => (await evaluate()).penalty!);
  const expected = slopes.map((slope) => slope * (regularizer.every ?? 1));
  const actual = [...directions].flatMap(([name, each]) =>
    each.map((direction) =>
      direction.reduce((sum, value, at) => sum + value * (gradient.get(name)?.[at] ?? 0), 0),
    ),
  );
  expect(Math.max(...expected.map(Math.abs))).toBeGreaterThan(1e-3);
  expect(relativeDifference(actual, expected)).toBeLessThan(1e-6);
  await network.dispose();
});

describe('evaluateRegularizer', () => {
  const batch = randomMatrix(5, 5, 4);
  const loaded = (): Promise<TrainableNetwork> => cpuBackend().loadTrainable(denseNetwork());

  it('takes the first samples alone, and gives the penalty where it is wanted', async () => {
    const network = await loaded();
    const regularizer = edjmLogDet({ strength: 1, samples: 3 });
    const first = { ...batch, rows: 3, data: batch.data.slice(0, 15) };
    const ofFew = await evaluateRegularizer(network, regularizer, { batch: first, ...where });
    expect(await evaluateRegularizer(network, regularizer, { batch, ...where })).toEqual(ofFew);
    const { penalty, gradient } = await evaluateRegularizer(network, regularizer, {
      batch,
      ...where,
      wantsPenalty: false,
    });
    expect(penalty).toBeUndefined();
    expect(gradient).toEqual(ofFew.gradient);
  });

  it('counts the gradient as often as it is left out', async () => {
    const network = await loaded();
    const once = await evaluateRegularizer(network, orthogonality({ strength: 0.5 }), { batch, ...where });
    const tenth = await evaluateRegularizer(network, orthogonality({ strength: 0.5, every: 10 }), {
      batch,
      ...where,
    });
    expect(tenth.penalty).toBe(once.penalty);
    const expected = once.gradient.get('0.weight')!.map((value) => 10 * value);
    expect(relativeDifference(tenth.gradient.get('0.weight')!, expected)).toBeLessThan(1e-15);
  });

  it('adds what comes through rows to what comes through parameters', async () => {
    const network = await loaded();
    const edjm = edjmLogDet({ strength: 1 });
    const decay = orthogonality({ strength: 1 });
    const both: Regularizer = {
      ...edjm,
      name: 'both',
      needs: ['rows', 'parameters'],
      penalty: (quantities, context) =>
        edjm.penalty(quantities, context) + decay.penalty(quantities, context),
      gradient: (quantities, context) => ({
        ...edjm.gradient(quantities, context),
        ...decay.gradient(quantities, context),
      }),
    };
    const [sum, one, other] = await Promise.all(
      [both, edjm, decay].map((each) => evaluateRegularizer(network, each, { batch, ...where })),
    );
    expect(sum!.penalty).toBeCloseTo(one!.penalty! + other!.penalty!, 12);
    const expected = one!.gradient
      .get('2.weight')!
      .map((value, at) => value + other!.gradient.get('2.weight')![at]!);
    expect(relativeDifference(sum!.gradient.get('2.weight')!, expected)).toBeLessThan(1e-14);
  });

  const own = (parts: Partial<Regularizer>): Regularizer => ({
    name: 'own',
    needs: ['rows', 'parameters'],
    cotangents: ({ n, dOut }) => [{ rows: n, columns: dOut, data: new Float64Array(n * dOut).fill(1) }],
    penalty: () => 0,
    gradient: () => ({}),
    ...parts,
  });
  const matrix = (rows: number, columns: number, value = 0) => ({
    rows,
    columns,
    data: new Float64Array(rows * columns).fill(value),
  });

  it.each([
    [
      'no cotangents',
      { cotangents: () => undefined as never },
      'INVALID_ARGUMENT',
      /own: expected cotangents.*got none/,
    ],
    [
      'cotangents of another shape',
      { cotangents: () => [matrix(2, 3)] },
      'SHAPE_MISMATCH',
      /5 × 3 values for cotangents 0, got 2 × 3/,
    ],
    [
      'a penalty that is NaN',
      { penalty: () => NaN },
      'INVALID_DATA',
      /own: expected a finite penalty, got NaN/,
    ],
    [
      'too many gradients',
      { gradient: () => ({ rows: [matrix(5, 5), matrix(5, 5)] }) },
      'SHAPE_MISMATCH',
      /gradients of 1 matrices of rows, got 2/,
    ],
    [
      'gradients of another shape',
      { gradient: () => ({ rows: [matrix(5, 4)] }) },
      'SHAPE_MISMATCH',
      /5 × 5 values for gradient of rows 0, got 5 × 4/,
    ],
    [
      'gradients that are infinite',
      { gradient: () => ({ rows: [matrix(5, 5, Infinity)] }) },
      'INVALID_DATA',
      /own: expected finite numbers for gradient of rows 0, got Infinity at place 0/,
    ],
    [
      'an unknown parameter',
      { gradient: () => ({ parameters: new Map([['9.weight', new Float64Array(1)]]) }) },
      'NOT_FOUND',
      /among 0\.weight.*got 9\.weight/,
    ],
    [
      'a gradient of another length',
      { gradient: () => ({ parameters: new Map([['0.bias', new Float64Array(5)]]) }) },
      'SHAPE_MISMATCH',
      /6 values for the gradient of 0\.bias, got 5/,
    ],
    [
      'a gradient that is NaN',
      { gradient: () => ({ parameters: new Map([['0.bias', new Float64Array(6).fill(NaN)]]) }) },
      'INVALID_DATA',
      /gradient of 0\.bias, got NaN/,
    ],
    ['an interval of no steps', { every: 0 }, 'INVALID_ARGUMENT', /whole number of every above 0, got 0/],
    [
      'samples that are no count',
      { samples: 1.5 },
      'INVALID_ARGUMENT',
      /whole number of samples above 0, got 1.5/,
    ],
    [
      'an error of its own',
      {
        penalty: () => {
          throw new RangeError('lost');
        },
      },
      'INVALID_DATA',
      /^own: lost$/,
    ],
  ] as const)('refuses %s, and names the regularizer', async (...[, parts, code, message]) => {
    const evaluation = evaluateRegularizer(await loaded(), own(parts), { batch, ...where });
    await expect(evaluation).rejects.toThrow(message);
    await expect(evaluation).rejects.toMatchObject({ name: 'EdjmError', code });
  });

  it('passes on what the network says of parameters that it does not have', async () => {
    const regularizer = weightLogDet({ strength: 1, weights: ['9.weight'] });
    const evaluation = evaluateRegularizer(await loaded(), regularizer, { batch, ...where });
    await expect(evaluation).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
