import { readFileSync } from 'node:fs';
import { valueCount, type Layer } from '@edjm/network';
import { describe, expect, it } from 'vitest';
import { cpuBackend } from '../src/index.ts';

/** A layer at a sample, with its Jacobian [d_out, d_in] by PyTorch's float64 autograd. */
interface Golden {
  readonly name: string;
  readonly layers: readonly Layer[];
  readonly inputShape: readonly number[];
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly jacobian: readonly number[];
}

const { cases } = JSON.parse(readFileSync(new URL('goldens/layers.json', import.meta.url), 'utf8')) as {
  cases: readonly Golden[];
};

/** Every type of layer; the compiler asks for those that are new. */
const types: Readonly<Record<Layer['type'], true>> = {
  averagePool2d: true,
  batchNorm: true,
  celu: true,
  conv2d: true,
  dense: true,
  elu: true,
  flatten: true,
  gelu: true,
  globalAveragePool2d: true,
  globalMaxPool2d: true,
  leakyRelu: true,
  logSoftmax: true,
  maxPool2d: true,
  relu: true,
  residual: true,
  scale: true,
  selu: true,
  sigmoid: true,
  softmax: true,
  softplus: true,
  tanh: true,
};

function expectNear(found: ArrayLike<number>, right: readonly number[]): void {
  expect(found).toHaveLength(right.length);
  const scale = Math.max(1, ...right.map(Math.abs));
  const gap = Math.max(...right.map((value, index) => Math.abs(value - (found[index] ?? NaN))));
  expect(gap / scale).toBeLessThan(1e-8);
}

describe('layers', () => {
  it('are all compared', () => {
    const compared = new Set(cases.flatMap(({ layers }) => layers.map(({ type }) => type)));
    expect([...compared].sort()).toEqual(Object.keys(types).sort());
  });

  it.each(cases)("$name: PyTorch's float64 Jacobian", async ({ layers, inputShape, x, y, jacobian }) => {
    const network = await cpuBackend().load({ name: 'layer', inputShape, layers }, { outputKind: 'as-is' });
    const dIn = valueCount(inputShape);
    const { dOut } = network;
    // One sample for each row.
    const rows = Float64Array.from({ length: dOut * dIn }, (_, index) => x[index % dIn]!);
    const samples = { rows: dOut, columns: dIn, data: rows };
    const unit = Float64Array.from({ length: dOut * dOut }, (_, at) => Number(at % (dOut + 1) === 0));
    expectNear((await network.forward(samples)).data.slice(0, dOut), y);
    const { data } = await network.vjp(samples, { rows: dOut, columns: dOut, data: unit });
    expectNear(data, jacobian);
    await network.dispose();
  });
});
