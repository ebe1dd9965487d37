import type { NamedValues, ParameterValues } from '@edjm/core';
import type { Tensor } from '@tensorflow/tfjs';
import type { Tf } from '../engines/tf.ts';
import type { Parameter } from '../sources/tensorFunction.ts';

/** An engine that holds values. */
interface Holding {
  readonly tf: Tf;
  /** Does work in the engine. */
  readonly run: <T>(work: () => T) => T;
}

/** Named values in an engine, which go in and out with their axes as they are outside. */
export class HeldValues implements NamedValues {
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  readonly #held: ReadonlyMap<string, Parameter>;
  readonly #in: Holding;

  constructor(held: ReadonlyMap<string, Parameter>, holding: Holding) {
    this.#held = held;
    this.#in = holding;
    this.shapes = new Map([...held].map(([name, { shape }]) => [name, shape]));
  }

  /** A held value. */
  get(name: string): Parameter {
    return this.#held.get(name) as Parameter;
  }

  write(values: ReadonlyMap<string, ParameterValues>): void {
    const { tf, run } = this.#in;
    run(() => {
      for (const [name, value] of values) {
        tf.tidy(() => {
          this.get(name).assign(this.inside(name, value));
        });
      }
    });
  }

  /** A tensor as the engine holds the values: a copy. */
  inside(name: string, { shape, data }: ParameterValues): Tensor {
    const { tf } = this.#in;
    const { axes } = this.get(name);
    return tf.tidy(() => {
      const outside = tf.tensor(new Float32Array(data), [...shape]);
      return axes === undefined ? outside : outside.transpose(axes.map((_, axis) => axes.indexOf(axis)));
    });
  }

  read(names: readonly string[]): Promise<ReadonlyMap<string, ParameterValues>> {
    return this.readTensors(names.map((name) => [name, this.get(name).variable]));
  }

  /** Copies of tensors that the engine holds as it does the values of these names. */
  async readTensors(
    tensors: Iterable<readonly [string, Tensor]>,
  ): Promise<ReadonlyMap<string, ParameterValues & { readonly data: Float32Array }>> {
    const { tf, run } = this.#in;
    const copies = run(() =>
      Array.from(tensors, ([name, tensor]) => {
        const { axes } = this.get(name);
        return [name, axes === undefined ? tensor.clone() : tensor.transpose([...axes])] as const;
      }),
    );
    const values = new Map<string, ParameterValues & { readonly data: Float32Array }>();
    try {
      for (const [name, copy] of copies) {
        const data = new Float32Array(await copy.data<'float32'>());
        values.set(name, { shape: this.get(name).shape, data });
      }
    } finally {
      tf.dispose(copies.map(([, copy]) => copy));
    }
    return values;
  }
}
