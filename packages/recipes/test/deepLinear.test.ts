/**
 * Deep linear networks against theory (Saxe, McClelland, Ganguli, "Exact solutions to the nonlinear dynamics of learning in deep linear neural
 * networks", 2013): from weights that are aligned with the singular vectors of the map to be learned, each of its modes grows by itself. With
 * whitened inputs and D weight matrices a mode of strength a that is to become s follows da/dt = D a^(2 − 2/D) (s − a), for D = 2
 *
 *     a(t) = s e^(2 s t) / (e^(2 s t) − 1 + s / a₀),   t = learning rate · steps.
 */
import { cpuBackend } from '@edjm/backend-cpu';
import { onnxBackend } from '@edjm/backend-onnx';
import { tfjsBackend } from '@edjm/backend-tfjs';
import type { DenseMatrix, TrainableNetwork } from '@edjm/core';
import { multiply, singularValuesOfRows } from '@edjm/linalg';
import { dense, type Network, orthogonal, seededRandom, type Tensor } from '@edjm/network';
import { describe, expect, it } from 'vitest';

const strengths = [2, 1.5, 1];
const start = 0.01;
const learningRate = 5e-4;
const [inputs, outputs, width] = [6, 4, 5];
const random = seededRandom(11);

/** A matrix from a tensor of two axes. */
function matrixOf({ shape, data }: Tensor): DenseMatrix {
  return { rows: shape[0]!, columns: shape[1]!, data };
}

/** Orthonormal rows as many as there are modes. */
function modes(size: number): DenseMatrix {
  return matrixOf(orthogonal()([strengths.length, size], random));
}

/** Σ_α c_α left_α right_αᵀ. */
function mode(left: DenseMatrix, right: DenseMatrix, factors: readonly number[]): Tensor {
  const scaled = left.data.map((value, at) => value * factors[Math.floor(at / left.columns)]!);
  const { rows, columns, data } = multiply({ ...left, data: scaled }, right, { transposeA: true });
  return { shape: [rows, columns], data };
}

/** A network of D layers whose modes all start at the same strength, and samples of the map that it is to learn. */
function problem(depth: number): {
  readonly network: Network;
  readonly batch: DenseMatrix;
  readonly targets: DenseMatrix;
} {
  const directions = [
    modes(inputs),
    ...Array.from({ length: depth - 1 }, () => modes(width)),
    modes(outputs),
  ];
  const same = strengths.map(() => start ** (1 / depth));
  const layers = directions
    .slice(1)
    .map((left, layer) => dense({ weight: mode(left, directions[layer]!, same) }));
  const map = mode(directions.at(-1)!, directions[0]!, strengths);
  // √n times the unit vectors: their mean square is the identity.
  const scale = Math.sqrt(inputs);
  const identity = Float64Array.from({ length: inputs ** 2 }, (_, at) =>
    at % (inputs + 1) === 0 ? scale : 0,
  );
  const batch = { rows: inputs, columns: inputs, data: identity };
  const targets = multiply(batch, matrixOf(map), { transposeB: true });
  return { network: { name: 'linear', inputShape: [inputs], layers }, batch, targets };
}

/** The largest singular values of the Jacobian, which is the same everywhere. */
async function learned(network: TrainableNetwork): Promise<readonly number[]> {
  const point = { rows: outputs, columns: inputs, data: new Float64Array(outputs * inputs) };
  const unit = Float64Array.from({ length: outputs ** 2 }, (_, at) => (at % (outputs + 1) === 0 ? 1 : 0));
  const rows = await network.vjp(point, { rows: outputs, columns: outputs, data: unit });
  return [...singularValuesOfRows(rows).slice(0, strengths.length)];
}

const engines: Record<string, (network: Network) => Promise<TrainableNetwork>> = {
  cpu: (network) => cpuBackend().loadTrainable(network),
  onnx: (network) => onnxBackend().loadTrainable(network),
  tfjs: (network) => tfjsBackend({ engine: 'cpu' }).loadTrainable(network),
};

/** Trains, and compares every mode with theory at every tenth of the way. */
async function follow(
  network: TrainableNetwork,
  { batch, targets }: Pick<ReturnType<typeof problem>, 'batch' | 'targets'>,
  { steps, expected }: { readonly steps: number; readonly expected: (s: number, time: number) => number },
): Promise<void> {
  const interval = Math.floor(steps / 40);
  for (let step = 0; step <= steps; step++) {
    if (step % interval === 0) {
      const found = await learned(network);
      for (const [index, s] of strengths.entries()) {
        const value = expected(s, step * learningRate);
        expect(Math.abs(found[index]! - value) / value).toBeLessThan(0.02);
      }
    }
    await network.step(batch, targets, { learningRate, loss: 'squared-error' });
  }
  const last = await learned(network);
  for (const [index, s] of strengths.entries()) expect(last[index]! / s).toBeGreaterThan(0.97);
}

describe.each(Object.keys(engines))('a linear network of two layers on %s', (engine) => {
  it('learns its modes along the closed form', { timeout: 120_000 }, async () => {
    const task = problem(2);
    await using network = await engines[engine]!(task.network);
    await follow(network, task, {
      steps: 8400,
      expected: (s, time) => s / (1 + (s / start - 1) * Math.exp(-2 * s * time)),
    });
  });
});

describe('a linear network of three layers', () => {
  it(
    'learns its modes along the differential equation of their strengths',
    { timeout: 120_000 },
    async () => {
      const task = problem(3);
      await using network = await cpuBackend().loadTrainable(task.network);
      await follow(network, task, { steps: 20_000, expected: strengthOfThree });
    },
  );
});

/** da/dt = 3 a^(4/3) (s − a) from the start, by the classical method of Runge and Kutta in small steps. */
function strengthOfThree(s: number, time: number): number {
  const slope = (a: number): number => 3 * a ** (4 / 3) * (s - a);
  const count = Math.ceil(time * 500);
  const h = time / Math.max(count, 1);
  let a = start;
  for (let step = 0; step < count; step++) {
    const k1 = slope(a);
    const k2 = slope(a + (h / 2) * k1);
    const k3 = slope(a + (h / 2) * k2);
    const k4 = slope(a + h * k3);
    a += (h / 6) * (k1 + 2 * k2 + 2 * k3 + k4);
  }
  return a;
}
