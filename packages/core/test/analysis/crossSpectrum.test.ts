import { principalAngles, singularVectors } from '@edjm/linalg';
import { describe, expect, it } from 'vitest';
import { crossSpectrum, type DenseMatrix } from '../../src/index.ts';
import { fakeDataset } from '../fakeDataset.ts';
import {
  edjm,
  fakeNetwork,
  type KnownFunction,
  linear,
  randomSamples,
  twoLayerRelu,
} from '../fakeNetworks.ts';

const f = twoLayerRelu({ dIn: 8, hidden: 20, dOut: 3, seed: 1 });
const g = twoLayerRelu({ dIn: 8, hidden: 12, dOut: 2, seed: 2 });
const samples = randomSamples(40, 8, 3);

/** The leading singular vectors of an EDJM, by a direct decomposition. */
function leading(of: KnownFunction, output: number, count: number) {
  const { singularValues, left, right } = singularVectors(edjm(of, samples, output));
  const first = ({ columns, data }: DenseMatrix): DenseMatrix => ({
    rows: count,
    columns,
    data: data.slice(0, count * columns),
  });
  return { singularValues: singularValues.slice(0, count), left: first(left), right: first(right) };
}

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance = 1e-10): void {
  expect(actual).toHaveLength(expected.length);
  for (let i = 0; i < expected.length; i++) {
    expect(Math.abs(actual[i]! - expected[i]!)).toBeLessThan(tolerance);
  }
}

/** A network of which row (x₀, x₁, …) has the gradient (x₀, x₁, …): its EDJM is the data itself. */
const halfSquare = (dIn: number): KnownFunction => ({
  dIn,
  dOut: 1,
  output: (x) => x.reduce((sum, value) => sum + value ** 2 / 2, 0),
  gradient: (x) => [...x],
});

/** The same after the inputs x₀ and x₁ have been turned by an angle. */
const turned = (dIn: number, angle: number): KnownFunction => ({
  ...halfSquare(dIn),
  gradient: ([a = 0, b = 0, ...others]) => [
    Math.cos(angle) * a - Math.sin(angle) * b,
    Math.sin(angle) * a + Math.cos(angle) * b,
    ...others,
  ],
});

describe('crossSpectrum', () => {
  it('finds the angles between leading singular vectors of both EDJMs', async () => {
    const networks = [fakeNetwork(f), fakeNetwork(g)] as const;
    const found = await crossSpectrum(networks, fakeDataset(samples), { output: [2, 1], dominant: 3 });
    const a = leading(f, 2, 3);
    const b = leading(g, 1, 3);
    expect(found).toMatchObject({ outputs: [2, 1], n: 40 });
    expectClose(found.singularValues[0], a.singularValues);
    expectClose(found.singularValues[1], b.singularValues);
    expectClose(found.inputAngles!, principalAngles(a.right, b.right));
    expectClose(found.correlations, principalAngles(a.left, b.left).map(Math.cos));
  });

  it('finds nothing between a network and itself', async () => {
    const network = fakeNetwork(f);
    const found = await crossSpectrum([network, network], fakeDataset(samples), { output: 1, dominant: 4 });
    expectClose(found.inputAngles!, [0, 0, 0, 0], 1e-7);
    expectClose(found.correlations, [1, 1, 1, 1]);
  });

  it('compares two outputs of a network that overwrites what it gave', async () => {
    const network = fakeNetwork(f, { paths: ['jacobian'] });
    const found = await crossSpectrum([network, network], fakeDataset(samples), {
      output: [0, 2],
      dominant: 3,
    });
    const [a, b] = [leading(f, 0, 3), leading(f, 2, 3)];
    expectClose(found.inputAngles!, principalAngles(a.right, b.right));
    expectClose(found.correlations, principalAngles(a.left, b.left).map(Math.cos));
  });

  it('finds the angle by which inputs were turned, and that samples are told apart alike', async () => {
    const stretched = randomSamples(50, 4, 1);
    for (let at = 0; at < stretched.data.length; at += 4) stretched.data[at]! *= 100;
    const data = fakeDataset(stretched);
    const networks = [fakeNetwork(halfSquare(4)), fakeNetwork(turned(4, 0.3))] as const;
    const { inputAngles, correlations } = await crossSpectrum(networks, data, { output: 0, dominant: 1 });
    // The first singular vector is x₀ to within what the other inputs add.
    expectClose(inputAngles!, [0.3], 1e-2);
    expectClose(correlations, [1]);
  });

  it('compares as many directions as the score counts, if none is said', async () => {
    const many = randomSamples(60, 30, 1);
    const networks = [fakeNetwork(halfSquare(30)), fakeNetwork(turned(30, 1))] as const;
    const { correlations, inputAngles } = await crossSpectrum(networks, fakeDataset(many), { output: 0 });
    expect(correlations).toHaveLength(3);
    expect(inputAngles).toHaveLength(3);
  });

  it('leaves out what lies below the rank', async () => {
    const networks = [fakeNetwork(linear([[1, 2, 2]])), fakeNetwork(linear([[3, 0, 4]]))] as const;
    const data = fakeDataset(randomSamples(5, 3, 1));
    const found = await crossSpectrum(networks, data, { output: 0, dominant: 3 });
    expectClose(found.inputAngles!, [Math.acos(11 / 15)]);
    expectClose(found.correlations, [1]);
    expectClose(found.singularValues[0], [3 * Math.sqrt(5)]);
  });

  it('compares networks whose rows differ in length by their correlations alone', async () => {
    // The derivative with respect to a part of the input.
    const part = { ...fakeNetwork(halfSquare(8)), dIn: 2 };
    const network = {
      ...part,
      vjp: async ({ rows, columns, data }: DenseMatrix): Promise<DenseMatrix> => ({
        rows,
        columns: 2,
        data: Float64Array.from(
          { length: 2 * rows },
          (_, at) => data[Math.floor(at / 2) * columns + (at % 2)]!,
        ),
      }),
    };
    const found = await crossSpectrum([network, fakeNetwork(halfSquare(8))], fakeDataset(samples), {
      output: 0,
      dominant: 8,
    });
    expect(found.inputAngles).toBeUndefined();
    expectClose(found.correlations, [1, 1]);
  });

  it('counts an input scale', async () => {
    const networks = [fakeNetwork(linear([[1, 0]])), fakeNetwork(linear([[1, 1]]))] as const;
    const data = fakeDataset(randomSamples(3, 2, 1));
    const { inputAngles } = await crossSpectrum(networks, data, { output: 0, inputScale: [3, 4] });
    expectClose(inputAngles!, [Math.acos(3 / 5)]);
  });

  it('does not depend on the batch size', async () => {
    const networks = [fakeNetwork(f), fakeNetwork(g)] as const;
    const run = (batchSize: number) =>
      crossSpectrum(networks, fakeDataset(samples), { output: 0, dominant: 3, batchSize });
    const [one, all] = [await run(1), await run(40)];
    expectClose(one.inputAngles!, all.inputAngles!);
    expectClose(one.correlations, all.correlations);
  });

  it.each([
    [{ output: 2 }, 'INVALID_ARGUMENT', /outputs from 0 to 1, got 2/],
    [{ output: [3, 0] }, 'INVALID_ARGUMENT', /outputs from 0 to 2, got 3/],
    [{ output: 0, dominant: 0 }, 'INVALID_ARGUMENT', /1 or more dominant directions, got 0/],
    [{ output: 0, dominant: 1.5 }, 'INVALID_ARGUMENT', /got 1.5/],
    [{ output: 0, maxMemory: 100 }, 'MEMORY_LIMIT', /batches of 1, got 0 MB/],
    [{ output: 0, signal: AbortSignal.abort() }, 'ABORTED', /canceled/],
  ] as const)('refuses %j', async (options, code, message) => {
    const data = fakeDataset(samples);
    await expect(crossSpectrum([fakeNetwork(f), fakeNetwork(g)], data, options)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message) as string,
    });
    expect(data.passes.begun).toBe(0);
  });

  it('refuses data that does not fit the second network, and an EDJM of zeros', async () => {
    const other = fakeNetwork(linear([[1, 2]]));
    await expect(
      crossSpectrum([fakeNetwork(f), other], fakeDataset(samples), { output: 0 }),
    ).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' });
    const flat = fakeNetwork(linear([new Array<number>(8).fill(0)]));
    await expect(
      crossSpectrum([fakeNetwork(f), flat], fakeDataset(samples), { output: 0 }),
    ).rejects.toMatchObject({
      code: 'INVALID_DATA',
      message:
        'fake: expected gradients other than 0, got an EDJM of zeros for output 0. Choose another output or other data.',
    });
  });
});
