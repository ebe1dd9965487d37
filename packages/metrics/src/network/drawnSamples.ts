import {
  type DenseMatrix,
  type DifferentiableNetwork,
  EdjmError,
  type NetworkMetric,
  type NetworkMetricContext,
} from '@edjm/core';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** Groups of samples that are drawn from a stream of batches. */
interface DrawnSamples {
  /** Keeps those of a batch that were drawn. */
  readonly add: (samples: DenseMatrix) => void;
  /** The groups, in the order in which they were drawn. */
  readonly groups: () => readonly (readonly Float64Array[])[];
}

/** The draw. */
interface Draw {
  /** Samples in the data set. */
  readonly n: number;
  /** How many groups are drawn. */
  readonly count: number;
  /** Samples in each; they differ if there are as many. */
  readonly size: number;
  /** A 32-bit integer. */
  readonly seed: number;
}

/** Draws groups of samples. */
function drawnSamples({ n, count, size, seed }: Draw): DrawnSamples {
  const random = xoroshiro128plus(seed);
  const drawn = Array.from({ length: count }, () => {
    const group: number[] = [];
    while (group.length < size) {
      const index = uniformInt(random, 0, n - 1);
      if (n < size || !group.includes(index)) group.push(index);
    }
    return group;
  });
  const wanted = new Set(drawn.flat());
  const kept = new Map<number, Float64Array>();
  let first = 0;
  return {
    add({ rows, columns, data }) {
      for (let row = 0; row < rows; row++) {
        if (!wanted.has(first + row)) continue;
        kept.set(first + row, Float64Array.from(data.subarray(row * columns, (row + 1) * columns)));
      }
      first += rows;
    },
    groups: () => drawn.map((group) => group.map((index) => kept.get(index) ?? new Float64Array())),
  };
}

/** A number made of one group of samples and the network. */
type OfGroup = (
  group: readonly Float64Array[],
  network: DifferentiableNetwork,
  context: NetworkMetricContext,
) => number | Promise<number>;

/** Observes a data set for the mean of a number over drawn groups of samples. */
export function meanOverGroups(
  draw: Omit<Draw, 'n'>,
  compute: OfGroup,
): NetworkMetric<'samples' | 'network'>['observe'] {
  return ({ network }, context) => {
    const drawn = drawnSamples({ ...draw, n: context.n });
    return {
      add: ({ samples }) => {
        drawn.add(samples);
      },
      value: async () => {
        let sum = 0;
        for (const group of drawn.groups()) sum += await compute(group, network, context);
        return sum / draw.count;
      },
    };
  };
}

/** @throws EdjmError `INVALID_ARGUMENT` if it is not a whole number of that size. */
export function checkCount(name: string, value: number, least = 1): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new EdjmError(
    'INVALID_ARGUMENT',
    `expected ${name} of ${least} or more, got ${value}. Give a whole number.`,
  );
}
