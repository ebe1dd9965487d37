import { cpuBackend } from '@edjm/backend-cpu';
import type { DenseMatrix, TrainableNetwork } from '@edjm/core';
import { dense } from '@edjm/network';
import { describe, expect, it } from 'vitest';
import { adam, momentumSgd, type Optimizer } from '../../src/index.ts';

/** y = w x: with the squared error, ∂L/∂w = (w x − t) x. */
function oneWeight(w: number): Promise<TrainableNetwork> {
  return cpuBackend().loadTrainable({
    name: 'one weight',
    inputShape: [1],
    layers: [dense({ weight: { shape: [1, 1], data: Float64Array.of(w) } })],
  });
}

function one(value: number): DenseMatrix {
  return { rows: 1, columns: 1, data: Float64Array.of(value) };
}

const start = 0.5;
const samples = [
  [1, 2],
  [2, -1],
  [-0.5, 1],
  [3, 0.25],
] as const;

async function weights(optimizer: Optimizer, weightDecay: number): Promise<number[]> {
  const network = await oneWeight(start);
  const run = optimizer.start(network);
  const found: number[] = [];
  for (const [x, t] of samples) {
    const { learningRate } = optimizer;
    await run.step(one(x), one(t), { learningRate, weightDecay, loss: 'squared-error' });
    found.push((await network.parameters()).get('0.weight')!.data[0]!);
  }
  return found;
}

function expectClose(found: readonly number[], expected: readonly number[]): void {
  expect(found).toHaveLength(expected.length);
  for (const [i, value] of expected.entries()) expect(found[i]).toBeCloseTo(value, 12);
}

describe('momentumSgd', () => {
  it.each([false, true])('takes the steps of its formula, Nesterov %s', async (nesterov) => {
    let [w, v] = [start, 0];
    const expected = samples.map(([x, t]) => {
      const g = (w * x - t) * x + 0.1 * w;
      v = 0.8 * v - 0.05 * g;
      w += nesterov ? 0.8 * v - 0.05 * g : v;
      return w;
    });
    expectClose(await weights(momentumSgd({ learningRate: 0.05, momentum: 0.8, nesterov }), 0.1), expected);
  });

  it.each([{ learningRate: 0 }, { learningRate: NaN }, { momentum: 1 }, { momentum: -0.1 }])(
    'refuses %o',
    (options) => {
      expect(() => momentumSgd(options)).toThrow(/^momentum-sgd: expected/);
    },
  );
});

describe('adam', () => {
  it('takes the steps of its formula', async () => {
    let [w, m, v] = [start, 0, 0];
    const expected = samples.map(([x, t], i) => {
      const g = (w * x - t) * x + 0.1 * w;
      m = 0.7 * m + 0.3 * g;
      v = 0.9 * v + 0.1 * g ** 2;
      w -= (0.01 * (m / (1 - 0.7 ** (i + 1)))) / (Math.sqrt(v / (1 - 0.9 ** (i + 1))) + 1e-3);
      return w;
    });
    const optimizer = adam({ learningRate: 0.01, beta1: 0.7, beta2: 0.9, epsilon: 1e-3 });
    expectClose(await weights(optimizer, 0.1), expected);
  });

  it('takes a first step of the learning rate, against the sign of the gradient', async () => {
    const [first] = await weights(adam({ learningRate: 0.01 }), 0);
    expect(first).toBeCloseTo(start + 0.01, 8);
  });

  it('adds gradients of others', async () => {
    const network = await oneWeight(1);
    // The loss has no gradient here.
    await adam({ epsilon: 1 })
      .start(network)
      .step(one(1), one(1), {
        learningRate: 1,
        loss: 'squared-error',
        addedGradients: new Map([['0.weight', Float64Array.of(3)]]),
      });
    expect((await network.parameters()).get('0.weight')!.data[0]).toBeCloseTo(1 - 3 / 4, 12);
  });

  it('leaves parameters and moments as they were where a gradient is not finite', async () => {
    const network = await oneWeight(1);
    const run = adam().start(network);
    const addedGradients = new Map([['0.weight', Float64Array.of(NaN)]]);
    await expect(
      run.step(one(1), one(2), { learningRate: 1, loss: 'squared-error', addedGradients }),
    ).rejects.toThrow(/one weight, parameter 0\.weight: expected a finite gradient/);
    expect((await network.parameters()).get('0.weight')!.data[0]).toBe(1);
    expect([...(await run.state()).values()].flatMap(({ data }) => [...data])).toEqual([0, 0, 0]);
  });

  it.each([{ learningRate: -1 }, { beta1: 1 }, { beta2: -1 }, { epsilon: 0 }])('refuses %o', (options) => {
    expect(() => adam(options)).toThrow(/^adam: expected/);
  });
});
