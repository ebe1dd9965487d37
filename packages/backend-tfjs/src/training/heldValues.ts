import { checkNamedValues, knownShape, type ParameterValues } from '@edjm/core';
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
    knownShape(this.#in.name, this.shapes, name);
    return this.#held.get(name) as Parameter;
  }

  /** @throws EdjmError `NOT_FOUND`, `SHAPE_MISMATCH`. */
  check(values: ReadonlyMap<string, ParameterValues>): void {
    checkNamedValues(this.#in.name, this.shapes, values);
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
    // All at once: a step between two of them would tear them apart.
    const copies = run(() =>
      Array.from(tensors, ([name, tensor]) => {
        const { axes } = this.get(name);
        return [name, axes === undefined ? tensor.clone() : tensor.transpose([...axes])] as const;
      }),
    );
    const values = new Map<string, ParameterValues & { readonly data: Float32Array }>();
    try {
      for (const [name, copy] of copies) {
        values.set(name, {
          shape: this.get(name).shape,
          data: new Float32Array(await copy.data<'float32'>()),
        });
      }
    } finally {
      tf.dispose(copies.map(([, copy]) => copy));
    }
    return values;
  }
}
