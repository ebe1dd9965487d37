import type { DenseMatrix, TrainableNetwork } from '@edjm/core';
import { trainingCases } from '@edjm/conformance';
import { describe, expect, it } from 'vitest';
import { cpuBackend } from '../../src/index.ts';

/** Balances the truncation error h² against the rounding error ε / h. */
const STEP = 1e-5;

/** Central differences of a value with respect to every parameter. */
async function differences(
  network: TrainableNetwork,
  value: () => Promise<number>,
): Promise<Map<string, Float64Array>> {
  const result = new Map<string, Float64Array>();
  for (const [name, { shape, data }] of await network.parameters()) {
    const difference = new Float64Array(data.length);
    for (let i = 0; i < data.length; i++) {
      const at = async (offset: number): Promise<number> => {
        const moved = Float64Array.from(data).with(i, data[i]! + offset);
        await network.setParameters(new Map([[name, { shape, data: moved }]]));
        return value();
      };
      difference[i] = ((await at(STEP)) - (await at(-STEP))) / (2 * STEP);
    }
    await network.setParameters(new Map([[name, { shape, data }]]));
    result.set(name, difference);
  }
  return result;
}

/** How far two sets of values lie apart at most, relative to the largest value. */
function distance(a: ReadonlyMap<string, Float64Array>, b: ReadonlyMap<string, ArrayLike<number>>): number {
  expect([...a.keys()]).toEqual([...b.keys()]);
  const all = [...a].flatMap(([name, data]) =>
    Array.from(data, (value, i) => [Math.abs(value), Math.abs(value - b.get(name)![i]!)] as const),
  );
  const largest = Math.max(...all.map(([size]) => size));
  return Math.max(...all.map(([, off]) => off)) / largest;
}

function inner(a: DenseMatrix, b: DenseMatrix): number {
  return Float64Array.from(a.data).reduce((sum, value, i) => sum + value * b.data[i]!, 0);
}

describe.each(trainingCases())('$name', ({ network, batch, targets, runs, products }) => {
  it.each(runs)('$name: gradients are those of central differences', async ({ options }) => {
    await using loaded = await cpuBackend().loadTrainable(network);
    const { gradients } = await loaded.gradients(batch, targets, options);
    const expected = await differences(loaded, async () => {
      return (await loaded.gradients(batch, targets, options)).loss;
    });
    expect(distance(expected, gradients)).toBeLessThan(1e-8);
  });

  it('gradients of Jacobian products are those of central differences', async () => {
    await using loaded = await cpuBackend().loadTrainable(network);
    const gradients = await loaded.jacobianGradients(batch, products);
    const expected = await differences(loaded, async () => {
      let total = 0;
      for (const { cotangents, tangents } of products) {
        total += inner(await loaded.vjp(batch, cotangents), tangents);
      }
      return total;
    });
    expect(distance(expected, gradients)).toBeLessThan(1e-8);
  });
});
