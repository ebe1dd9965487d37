import type { DifferentiableNetwork, NetworkMetric, NetworkMetricContext } from '@edjm/core';
import { checkCount, meanOverGroups } from './drawnSamples.ts';
import { innerProduct } from './rowSums.ts';

/** Options of {@link trajectoryLength}. */
export interface TrajectoryLengthOptions {
  /** How many trajectories are followed. Defaults to 20. */
  readonly count?: number | undefined;
  /** Straight pieces of each. Defaults to 200. */
  readonly steps?: number | undefined;
  /** A 32-bit integer that decides which samples they join. Defaults to 0. */
  readonly seed?: number | undefined;
}

/**
 * How much longer the image of a trajectory is than the trajectory: the mean over circular arcs x(t) = cos(πt/2) a + sin(πt/2) b, 0 ≤ t ≤ 1, between two samples of
 * the length of f(x(t)) over that of x(t), both summed over straight pieces.
 *
 * Unit of the output over that of the input, 0 or more. The outputs count as the analysis takes them.
 *
 * Source: Raghu et al., "On the expressive power of deep neural networks", ICML 2017, section 2.3.
 *
 * @throws EdjmError `INVALID_ARGUMENT` if an option is out of its range.
 *
 * @example
 * ```ts
 * import { trajectoryLength } from '@edjm/metrics';
 *
 * console.log(trajectoryLength({ count: 5 }).options); // { count: 5, steps: 200, seed: 0 }
 * ```
 */
export function trajectoryLength(
  options: TrajectoryLengthOptions = {},
): NetworkMetric<'samples' | 'network'> {
  const { count = 20, steps = 200, seed = 0 } = options;
  checkCount('a number of trajectories', count);
  checkCount('a number of steps', steps);
  return {
    name: 'trajectory-length',
    description: 'length of the outputs along an arc between two samples, over the length of the arc',
    reading: {
      formula: 'mean over arcs of ∫ |df(x(t))| / ∫ |dx(t)|',
      range: '0 and more, in units of the output over those of the input',
      high: 'the outputs move far on the way from one sample to another',
      low: 'the outputs hardly change on the way',
      source: 'Raghu et al. 2017',
    },
    needs: ['samples', 'network'],
    options: { count, steps, seed },
    observe: meanOverGroups({ count, size: 2, seed }, async (ends, network, { outputs, signal }) => {
      const points = arc(ends as [Float64Array, Float64Array], steps);
      const length = lengthOf(points);
      return length > 0 ? lengthOf(await image(points, { network, outputs, signal })) / length : 0;
    }),
  };
}

/** The analyzed outputs of a network at points, a batch at a time. */
async function image(
  points: readonly Float64Array[],
  {
    network,
    outputs,
    signal,
  }: Pick<NetworkMetricContext, 'outputs' | 'signal'> & { readonly network: DifferentiableNetwork },
): Promise<Float64Array[]> {
  const { sampleSize, preferredBatchSize } = network;
  const images: Float64Array[] = [];
  for (let first = 0; first < points.length; first += preferredBatchSize) {
    signal?.throwIfAborted();
    const some = points.slice(first, first + preferredBatchSize);
    const data = new Float64Array(some.length * sampleSize);
    for (const [row, point] of some.entries()) data.set(point, row * sampleSize);
    const found = await network.forward({ rows: some.length, columns: sampleSize, data });
    for (let row = 0; row < some.length; row++) {
      images.push(Float64Array.from(outputs, (k) => found.data[row * found.columns + k] as number));
    }
  }
  return images;
}

function arc([a, b]: readonly [Float64Array, Float64Array], steps: number): Float64Array[] {
  return Array.from({ length: steps + 1 }, (_, i) => {
    const angle = (Math.PI / 2) * (i / steps);
    return a.map((value, j) => Math.cos(angle) * value + Math.sin(angle) * (b[j] as number));
  });
}

function lengthOf(points: readonly Float64Array[]): number {
  let sum = 0;
  for (let i = 1; i < points.length; i++) {
    const [before, after] = [points[i - 1] as Float64Array, points[i] as Float64Array];
    const step = before.map((value, j) => (after[j] as number) - value);
    sum += Math.sqrt(innerProduct(step, step));
  }
  return sum;
}
