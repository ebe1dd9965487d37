/**
 * Normalizations without weights:
 *
 *     LpNormalization            y = x / ‖x‖ along an axis, 0 where ‖x‖ is 0
 *     LRN                        y = x / (bias + α/n Σ x²)^β, summed over n neighboring channels
 *     MeanVarianceNormalization  y = (x − μ) / (σ + 10⁻⁹) over some axes
 */
import { EdjmError } from '@edjm/core';
import { normalizedAxes, normalizedAxis } from '../axes.ts';
import { describeNode, floatAttribute, intAttribute, intsAttribute } from '../../model/graph.ts';
import type { TensorBuilder } from '../../graph/tensorBuilder.ts';
import type { Composite } from '../../graph/operator.ts';
import { layerStatistics } from './layerNormalization.ts';

const lpNormalization: Composite = {
  rewrite: ({ builder, node, input }) => {
    const x = input(0);
    const axis = normalizedAxis(node, intAttribute(node, 'axis', -1), builder.shape(x).length);
    const p = intAttribute(node, 'p', 2);
    if (p !== 1 && p !== 2) {
      throw new EdjmError('INVALID_FILE', `${describeNode(node)}: expected p = 1 or 2, got ${String(p)}.`);
    }
    const norm = p === 1 ? builder.reduceL1(x, [axis]) : builder.reduceL2(x, [axis]);
    const isZero = builder.equal(norm, 0);
    return [builder.div(x, builder.where(isZero, builder.scalar(1, norm), norm))];
  },
};

/** The part of a tensor from one channel on. */
function channels(
  builder: TensorBuilder,
  name: string,
  { start, count }: { readonly start: number; readonly count: number },
): string {
  return builder.slice(name, { starts: [start], ends: [start + count], axes: [1] });
}

/** For each of the first `size` channels, the sum of `count` channels from it on. */
function neighborSums(
  builder: TensorBuilder,
  x: string,
  { count, size }: { readonly count: number; readonly size: number },
): string {
  // Sums of 1, 2, 4, … neighbors, each from two of the sums before; the binary digits of the count choose among them.
  let [sums, width, length] = [x, 1, builder.shape(x)[1] ?? 1];
  let total: string | undefined;
  let done = 0;
  for (let rest = count; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) {
      const part = channels(builder, sums, { start: done, count: size });
      total = total === undefined ? part : builder.add(total, part);
      done += width;
    }
    if (rest > 1) {
      length -= width;
      const [near, far] = [0, width].map((start) => channels(builder, sums, { start, count: length }));
      sums = builder.add(near ?? '', far ?? '');
      width *= 2;
    }
  }
  return total ?? x;
}

const localResponseNormalization: Composite = {
  rewrite: ({ builder, node, input }) => {
    const x = input(0);
    const shape = builder.shape(x);
    const [, channelCount = 0] = shape;
    const size = intAttribute(node, 'size', 0);
    if (size < 1 || channelCount < 1) {
      throw new EdjmError(
        'INVALID_FILE',
        `${describeNode(node)}: expected a size from 1 on and a tensor [batch, channels, …], got ${String(size)} and [${shape.join(', ')}].`,
      );
    }
    const before = Math.min(Math.floor((size - 1) / 2), channelCount - 1);
    const after = Math.min(Math.ceil((size - 1) / 2), channelCount - 1);
    const squares = builder.mul(x, x);
    const none = shape.map(() => 0);
    const pads = [...none.with(1, before), ...none.with(1, after)];
    const padded = before + after === 0 ? squares : builder.pad(squares, pads);
    const sums = neighborSums(builder, padded, { count: before + 1 + after, size: channelCount });
    const weighted = builder.mul(sums, floatAttribute(node, 'alpha', 1e-4) / size);
    const response = builder.add(weighted, floatAttribute(node, 'bias', 1));
    const divisor = builder.pow(response, floatAttribute(node, 'beta', 0.75));
    return [builder.div(x, divisor)];
  },
};

const SMALLEST_DEVIATION = 1e-9;

const meanVarianceNormalization: Composite = {
  rewrite: ({ builder, node, input }) => {
    const x = input(0);
    const axes = normalizedAxes(node, intsAttribute(node, 'axes') ?? [0, 2, 3], builder.shape(x).length);
    const { centered, deviation } = layerStatistics(builder, x, { axes, epsilon: 0 });
    const divisor = builder.add(deviation, SMALLEST_DEVIATION);
    return [builder.div(centered, divisor)];
  },
};

/** LpNormalization, LRN, MeanVarianceNormalization. */
export const vectorNormalizations: Readonly<Record<string, Composite>> = {
  LpNormalization: lpNormalization,
  LRN: localResponseNormalization,
  MeanVarianceNormalization: meanVarianceNormalization,
};
