import type { Tensor } from '@tensorflow/tfjs';
import type { Tf } from '../engines/tf.ts';
import { withBetterDerivatives } from './derivatives.ts';
import { Pullback, type Step } from './pullback.ts';
import { type LinearNode, Recording, type TapeNode } from './recording.ts';
import { slopes } from './slopes.ts';

/**
 * A computation y = f(x) that runs once and gives as many vector-Jacobian products as there are cotangents: `tf.grad` and its like
 * run f anew for each.
 *
 * It reads the tape that TensorFlow.js records for its own gradients, and calls its derivatives of every operation.
 */
export class Tape {
  readonly y: Tensor;
  readonly #tf: Tf;
  readonly #recording: Recording;
  #source: number | undefined;
  /** By the number of the operation. */
  readonly #slopes = new Map<number, Tensor>();

  /** Runs f. Call it within `tf.tidy`, and {@link dispose} of it there. @param options - `checked`: whether {@link linear} is kept. */
  constructor(tf: Tf, f: (tape: Tape) => Tensor, { checked = false }: { readonly checked?: boolean } = {}) {
    const { state } = tf.engine();
    const { activeTape, gradientDepth } = state;
    this.#tf = tf;
    this.#recording = Recording.on(tf, checked);
    state.activeTape = this.#recording;
    state.gradientDepth = 1;
    try {
      this.y = withBetterDerivatives(tf, () => tf.tidy(() => f(this)));
    } catch (error) {
      this.dispose();
      throw error;
    } finally {
      state.activeTape = activeTape;
      state.gradientDepth = gradientDepth;
    }
  }

  /** Operations whose derivatives can be checked, if the tape is a checked one. */
  get linear(): readonly LinearNode[] {
    return this.#recording.linear;
  }

  /** The operation that made the tensor of a number, if it was recorded. */
  producer(id: number): TapeNode | undefined {
    return this.#recording.findLast(({ outputs }) => outputs.some((output) => output.id === id));
  }

  /** The copy of an input that was kept. */
  kept({ id }: Tensor): Tensor | undefined {
    return this.#recording.kept.get(id);
  }

  /** Says which tensor is the samples: all others that nothing recorded made are constants. */
  from({ id }: Tensor): void {
    this.#source = id;
  }

  /** Whether the tensor of a number is the samples. */
  isSource(id: number): boolean {
    return id === this.#source;
  }

  /** The pullback of one tensor to others. */
  pullback(from: readonly Tensor[], to: Tensor): Pullback {
    const dependent = new Set(from.map(({ id }) => id));
    const reached: Step[] = [];
    for (const node of this.#recording) {
      // Some are declared but missing, such as a scale that a layer does without.
      const inputs = Object.entries<Tensor | undefined>(node.inputs).filter(
        (entry): entry is [string, Tensor] => entry[1] !== undefined && dependent.has(entry[1].id),
      );
      if (inputs.length === 0) continue;
      // Whole numbers have no derivative, but TensorFlow.js passes cotangents on as if they had.
      for (const { id, dtype } of node.outputs) if (dtype === 'float32') dependent.add(id);
      reached.push({ node, inputs });
    }
    const leading = new Set([to.id]);
    const steps = reached.toReversed().filter(({ node, inputs }) => {
      if (!node.outputs.some(({ id }) => leading.has(id))) return false;
      for (const [, { id }] of inputs) leading.add(id);
      return true;
    });
    return new Pullback(this.#tf, { from, to, steps, slopeOf: (node) => this.#slopeOf(node) });
  }

  /** The slope of an operation that acts on each value alone: computed when it is first asked for, and kept. */
  #slopeOf({ id, kernelName, inputs }: TapeNode): Tensor | undefined {
    const known = this.#slopes.get(id);
    const input = this.#recording.kept.get(Object.values(inputs)[0]?.id ?? NaN);
    if (known !== undefined || input === undefined) return known;
    const { state } = this.#tf.engine();
    const { gradientDepth } = state;
    // It depends on x, but not on the cotangents that a reverse pass may be recorded for.
    state.gradientDepth = 0;
    try {
      const slope = this.#tf.tidy(() => slopes[kernelName]?.(this.#tf, input));
      if (slope !== undefined) this.#slopes.set(id, this.#tf.keep(slope));
      return slope;
    } finally {
      state.gradientDepth = gradientDepth;
    }
  }

  /** Frees the recorded tensors. The result is freed by the scope that it is in. */
  dispose(): void {
    this.#recording.dispose();
    for (const tensor of this.#slopes.values()) tensor.dispose();
    this.#slopes.clear();
  }
}
