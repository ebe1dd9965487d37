import { EdjmError, type ParameterValues } from '@edjm/core';
import { valueCount } from '@edjm/network';
import type { Tensor } from '@tensorflow/tfjs';
import type { Tf } from '../engines/engine.ts';
import type { Parameter } from '../sources/tensorFunction.ts';

/** Where values are held, and how messages call them. */
interface Holding {
  readonly tf: Tf;
  /** Does work in the engine. */
  readonly run: <T>(work: () => T) => T;
  /** The network's name. */
  readonly name: string;
  readonly what: 'parameter' | 'statistic';
}

/** Named values in an engine, which go in and out with their axes as they are outside. */
export class HeldValues {
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  readonly #held: ReadonlyMap<string, Parameter>;
  readonly #in: Holding;

  constructor(held: ReadonlyMap<string, Parameter>, holding: Holding) {
    this.#held = held;
    this.#in = holding;
    this.shapes = new Map([...held].map(([name, { shape }]) => [name, shape]));
  }

  /** @throws EdjmError `NOT_FOUND`. */
  get(name: string): Parameter {
    const parameter = this.#held.get(name);
    if (parameter !== undefined) return parameter;
    const { name: network, what } = this.#in;
    throw new EdjmError(
      'NOT_FOUND',
      `${network}: expected the name of a ${what}, got "${name}". There are ${[...this.#held.keys()].join(', ') || 'none'}.`,
    );
  }

  /** @throws EdjmError `NOT_FOUND`, `SHAPE_MISMATCH`. */
  check(values: ReadonlyMap<string, ParameterValues>): void {
    for (const [name, { shape, data }] of values) {
      const expected = this.get(name).shape;
      const fits = shape.length === expected.length && shape.every((size, axis) => size === expected[axis]);
      if (fits && data.length === valueCount(expected)) continue;
      throw new EdjmError(
        'SHAPE_MISMATCH',
        `${this.#in.name}, ${this.#in.what} ${name}: expected the shape ${expected.join(' × ')}, got ${shape.join(' × ')} with ${String(data.length)} values.`,
      );
    }
  }

  /** Replaces values that were checked. */
  assign(values: ReadonlyMap<string, ParameterValues>): void {
    for (const [name, value] of values) {
      this.#in.tf.tidy(() => {
        this.get(name).assign(this.inside(name, value));
      });
    }
  }

  /** A tensor as the engine holds the values. */
  inside(name: string, { shape, data }: ParameterValues): Tensor {
    const { tf } = this.#in;
    const { axes } = this.get(name);
    return tf.tidy(() => {
      const outside = tf.tensor(new Float32Array(data), [...shape]);
      return axes === undefined ? outside : outside.transpose(axes.map((_, axis) => axes.indexOf(axis)));
    });
  }

  /** Copies of what is held. @throws EdjmError `NOT_FOUND`. */
  async read(names: Iterable<string> = this.#held.keys()): Promise<ReadonlyMap<string, ParameterValues>> {
    return this.readTensors(Array.from(names, (name) => [name, this.get(name).variable]));
  }

  /** Copies of tensors that the engine holds as it does the values of these names. */
  async readTensors(
    tensors: Iterable<readonly [string, Tensor]>,
  ): Promise<ReadonlyMap<string, ParameterValues & { readonly data: Float32Array }>> {
    const { tf, run } = this.#in;
    const values = new Map<string, ParameterValues & { readonly data: Float32Array }>();
    for (const [name, tensor] of tensors) {
      const { shape, axes } = this.get(name);
      const outside = run(() =>
        tf.tidy(() => (axes === undefined ? tensor.clone() : tensor.transpose([...axes]))),
      );
      try {
        values.set(name, { shape, data: new Float32Array(await outside.data<'float32'>()) });
      } finally {
        outside.dispose();
      }
    }
    return values;
  }
}
