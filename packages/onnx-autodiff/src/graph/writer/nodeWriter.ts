import { ArrangingWriter } from './arrangingWriter.ts';
import {
  attributesFrom,
  type ConvAttributes,
  type ConvTransposeAttributes,
  type CumSumAttributes,
  type GemmAttributes,
  type PoolAttributes,
} from './attributes.ts';

/** How a reduction leaves its axes. */
export interface ReductionOptions {
  /** Whether the axes stay, with size 1. Defaults to true. */
  readonly keepDims?: boolean;
}

/** Adds f of all elements along some axes, by default of all axes. */
export type Reduction = (x: string, axes?: readonly number[], options?: ReductionOptions) => string;

/**
 * Adds nodes: one method for each operator, so that a rule reads like its formula. Methods take and return names of
 * tensors. A class that extends it says where a node goes (`write`) and how constants are kept (`ints`).
 *
 * @example
 * ```ts
 * import type { NodeWriter } from '@edjm/onnx-autodiff';
 *
 * // The logistic density e^(−|x|) / (1 + e^(−|x|))².
 * export function density(writer: NodeWriter, x: string, one: string): string {
 *   const decay = writer.exp(writer.neg(writer.abs(x)));
 *   const sum = writer.add(decay, one);
 *   return writer.div(decay, writer.mul(sum, sum));
 * }
 * ```
 */
export abstract class NodeWriter extends ArrangingWriter {
  readonly reduceL1: Reduction = this.#reduction('ReduceL1');
  readonly reduceL2: Reduction = this.#reduction('ReduceL2');
  readonly reduceMax: Reduction = this.#reduction('ReduceMax');
  readonly reduceMean: Reduction = this.#reduction('ReduceMean');
  readonly reduceSum: Reduction = this.#reduction('ReduceSum');
  readonly reduceSumSquare: Reduction = this.#reduction('ReduceSumSquare');

  /** A B; ranks above 2 are batches. */
  matMul(a: string, b: string): string {
    return this.one('MatMul', [a, b]);
  }

  /** α A B + β C of matrices; C may be left out. */
  gemm([a, b, c]: readonly [string, string, (string | undefined)?], attributes: GemmAttributes = {}): string {
    return this.one('Gemm', [a, b, ...(c === undefined ? [] : [c])], attributesFrom(attributes));
  }

  /** The convolution of x with weights [M, C / groups, …]; the bias may be left out. */
  conv(
    [x, weights, bias]: readonly [string, string, (string | undefined)?],
    attributes: ConvAttributes = {},
  ): string {
    const inputs = [x, weights, ...(bias === undefined ? [] : [bias])];
    return this.one('Conv', inputs, attributesFrom(attributes));
  }

  /** The adjoint of a convolution with weights [C, M / groups, …]. */
  convTranspose(x: string, weights: string, attributes: ConvTransposeAttributes): string {
    return this.one('ConvTranspose', [x, weights], attributesFrom(attributes));
  }

  /** The largest value of each window. */
  maxPool(x: string, attributes: Omit<PoolAttributes, 'count_include_pad'>): string {
    return this.one('MaxPool', [x], attributesFrom(attributes));
  }

  /** The mean of each window. */
  averagePool(x: string, attributes: PoolAttributes): string {
    return this.one('AveragePool', [x], attributesFrom(attributes));
  }

  /** The mean of each channel. */
  globalAveragePool(x: string): string {
    return this.one('GlobalAveragePool', [x]);
  }

  /** The largest value of each channel. */
  globalMaxPool(x: string): string {
    return this.one('GlobalMaxPool', [x]);
  }

  /** Each channel of the first input, normalized by stored statistics: x, scale, offset, mean, variance. */
  batchNormalization(inputs: readonly [string, string, string, string, string], epsilon: number): string {
    return this.one('BatchNormalization', inputs, { epsilon: { float: epsilon } });
  }

  /** The last axis of the first input, normalized by its own statistics: x, scale, and perhaps an offset. */
  layerNormalization(inputs: readonly [string, string, (string | undefined)?], epsilon: number): string {
    const [x, scale, offset] = inputs;
    const attributes = { axis: { int: -1 }, epsilon: { float: epsilon } };
    return this.one('LayerNormalization', [x, scale, ...(offset === undefined ? [] : [offset])], attributes);
  }

  /** e^x / Σ e^x along an axis. */
  softmax(x: string, axis: number): string {
    return this.one('Softmax', [x], { axis: { int: axis } });
  }

  /** x − log Σ e^x along an axis. */
  logSoftmax(x: string, axis: number): string {
    return this.one('LogSoftmax', [x], { axis: { int: axis } });
  }

  /** The place of the first largest value along an axis, which is left out. */
  argMax(x: string, axis: number): string {
    return this.one('ArgMax', [x], { axis: { int: axis }, keepdims: { int: 0 } });
  }

  /** Sums of all elements up to each one along an axis. */
  cumSum(x: string, axis: number, attributes: CumSumAttributes = {}): string {
    return this.one('CumSum', [x, this.ints([axis])], attributesFrom(attributes));
  }

  /** x in 8 bits, with the scale and the zero point that its own values give. */
  dynamicQuantizeLinear(x: string): readonly string[] {
    return this.write({ opType: 'DynamicQuantizeLinear', inputs: [x], outputs: 3 });
  }

  #reduction(opType: string): Reduction {
    return (x, axes, { keepDims = true } = {}) => {
      const inputs = axes === undefined ? [x] : [x, this.ints(axes)];
      return this.one(opType, inputs, { keepdims: { int: Number(keepDims) } });
    };
  }
}
