import { EdjmError } from '@edjm/core';
import type { Tensor } from '@tensorflow/tfjs';
import type { Tf } from '../engines/tf.ts';
import type { TapeNode } from './recording.ts';
import { slopes } from './slopes.ts';

/** An operation on the path from one tensor to another, with those of its inputs that depend on the first. */
export interface Step {
  readonly node: TapeNode;
  readonly inputs: readonly (readonly [name: string, tensor: Tensor])[];
}

/** The path that a pullback goes back. */
interface Path {
  readonly from: readonly Tensor[];
  readonly to: Tensor;
  /** Last operation first. */
  readonly steps: readonly Step[];
  /** The slope of an operation that acts on each value alone. */
  readonly slopeOf: (node: TapeNode) => Tensor | undefined;
}

/** Operations whose derivative is 0 wherever there is one. */
export const stepKernels: ReadonlySet<string> = new Set(['Round', 'Floor', 'Ceil', 'Sign']);

/** Vector-Jacobian products c ↦ Jᵀc of a tensor that was computed from others. */
export class Pullback {
  readonly #tf: Tf;
  readonly #from: readonly Tensor[];
  readonly #to: Tensor;
  readonly #steps: readonly Step[];
  readonly #slopeOf: (node: TapeNode) => Tensor | undefined;

  constructor(tf: Tf, { from, to, steps, slopeOf }: Path) {
    this.#tf = tf;
    this.#from = from;
    this.#to = to;
    this.#steps = steps;
    this.#slopeOf = slopeOf;
  }

  /** Whether the tensor depends on any of the others. */
  get exists(): boolean {
    return this.#steps.length > 0 || this.#from.some(({ id }) => id === this.#to.id);
  }

  /** Names of the operations on the path, the first one first. */
  get operations(): readonly string[] {
    return this.#steps.map(({ node }) => node.kernelName.replace(/__op$/, '')).toReversed();
  }

  /** Numbers of the tensors on the path. */
  get tensors(): ReadonlySet<number> {
    return new Set(
      this.#steps.flatMap(({ node, inputs }) =>
        [...node.outputs, ...inputs.map(([, x]) => x)].map(({ id }) => id),
      ),
    );
  }

  /** The last operation on the path without a derivative in TensorFlow.js, if there is one. */
  get lacking(): string | undefined {
    return this.#steps.find(({ node }) => node.gradient === undefined)?.node.kernelName;
  }

  /** The last step, such as rounding, if every path leads through one: all derivatives are 0 then. */
  get onlyThrough(): string | undefined {
    const reached = new Set(this.#from.map(({ id }) => id));
    for (const { node, inputs } of this.#steps.toReversed()) {
      if (stepKernels.has(node.kernelName) || !inputs.some(([, { id }]) => reached.has(id))) continue;
      for (const { id } of node.outputs) reached.add(id);
    }
    if (!this.exists || reached.has(this.#to.id)) return undefined;
    return this.#steps.find(({ node }) => stepKernels.has(node.kernelName))?.node.kernelName;
  }

  /**
   * The cotangents of the first tensors for one of the last: zeros for a tensor that it does not depend on.
   *
   * @throws EdjmError `UNSUPPORTED` if an operation has no derivative.
   */
  vjp(cotangent: Tensor): readonly Tensor[] {
    const { lacking } = this;
    if (lacking !== undefined) {
      throw new EdjmError(
        'UNSUPPORTED',
        `expected operations that TensorFlow.js has derivatives of, got ${lacking}. Replace the operation, or export the model to ONNX.`,
      );
    }
    return this.#tf.tidy(() => {
      const sums = new Map<number, Tensor>([[this.#to.id, cotangent]]);
      const wanted = new Set(this.#from.map(({ id }) => id));
      for (const step of this.#steps) {
        this.#step(step, sums, cotangent);
        for (const { id } of step.node.outputs) {
          const sum = sums.get(id);
          if (sum === undefined || wanted.has(id)) continue;
          sums.delete(id);
          release(sum, sums, cotangent);
        }
      }
      return this.#from.map((tensor) => sums.get(tensor.id) ?? this.#tf.zerosLike(tensor));
    });
  }

  /** Goes back from the outputs of an operation to its inputs. */
  #step({ node, inputs }: Step, sums: Map<number, Tensor>, given: Tensor): void {
    const cotangents = node.outputs.map(
      (output) => sums.get(output.id) ?? this.#tf.zeros(output.shape, output.dtype),
    );
    const gradients = this.#gradients(node, cotangents);
    for (const [name, tensor] of inputs) {
      const gradient = gradients[name];
      if (gradient === undefined) {
        throw new EdjmError(
          'UNSUPPORTED',
          `expected a derivative of ${node.kernelName} with respect to its input ${name}, got none in TensorFlow.js. Replace the operation, or export the model to ONNX.`,
        );
      }
      const part = this.#tf.tidy(gradient);
      const sum = sums.get(tensor.id);
      sums.set(tensor.id, sum === undefined ? part : this.#tf.add(sum, part));
      if (sum !== undefined) for (const used of [sum, part]) release(used, sums, given);
    }
  }

  /** The cotangents of each input of an operation for those of its outputs. */
  #gradients(node: TapeNode, cotangents: Tensor[]): Readonly<Record<string, () => Tensor>> {
    const [cotangent] = cotangents;
    const slope = node.kernelName in slopes ? this.#slopeOf(node) : undefined;
    if (cotangent !== undefined && slope !== undefined) return { x: () => this.#tf.mul(cotangent, slope) };
    return node.gradient?.(cotangents) ?? {};
  }
}

/** Frees a tensor that has been used, unless a derivative passed the very tensor on. */
function release(tensor: Tensor, sums: ReadonlyMap<number, Tensor>, given: Tensor): void {
  if (tensor !== given && ![...sums.values()].includes(tensor)) tensor.dispose();
}
