import { EdjmError } from '@edjm/core';
import type { Tensor } from '@tensorflow/tfjs';
import type { Tf } from '../engines/engine.ts';
import { linearIn, type LinearNode } from './adjoints.ts';
import { withOptionalInputs } from './optionalInputs.ts';
import { slopes } from './slopes.ts';

/** What TensorFlow.js itself records of a computation. */
type EngineState = ReturnType<Tf['engine']>['state'];
/** One operation of a recorded computation. */
export type TapeNode = EngineState['activeTape'][number];

/** An operation on the way from one tensor to another, with those of its inputs that depend on the first. */
interface Stretch {
  readonly node: TapeNode;
  readonly inputs: readonly (readonly [name: string, tensor: Tensor])[];
}

/** Operations whose input is kept, for logits to be had after all. */
const SOFTMAX = new Set(['Softmax', 'LogSoftmax', 'logSoftmax__op']);
/** Operations that change no value. */
const IDENTITIES = new Set(['Identity', 'Cast', 'Reshape']);

/**
 * Records, and keeps alive what goes into operations whose input is needed later: what is between two layers is freed as soon as both
 * have run.
 */
class Recording extends Array<TapeNode> {
  /** By the number of the tensor. */
  readonly kept = new Map<number, Tensor>();
  readonly linear: LinearNode[] = [];
  #tf: Tf | undefined;
  #checked = false;

  static on(tf: Tf, checked: boolean): Recording {
    const recording = new Recording();
    recording.#tf = tf;
    recording.#checked = checked;
    return recording;
  }

  override push(...nodes: TapeNode[]): number {
    for (const { kernelName, inputs } of nodes) {
      const [input] = SOFTMAX.has(kernelName) || kernelName in slopes ? Object.values(inputs) : [];
      if (input === undefined || this.#tf === undefined || this.kept.has(input.id)) continue;
      // The copy is an operation on the tape like any other, and shares its values.
      this.kept.set(input.id, this.#tf.keep(input.clone()));
    }
    const length = super.push(...nodes);
    if (this.#checked) for (const node of nodes) this.#keepLinear(node);
    return length;
  }

  /** Copies of what goes through an operation that is to be checked. */
  #keepLinear(node: TapeNode): void {
    const x = node.inputs[linearIn[node.kernelName] ?? ''];
    const [y] = node.outputs;
    if (this.#tf === undefined || x === undefined || y === undefined) return;
    this.linear.push({ node, x: this.#tf.keep(x.clone()), y: this.#tf.keep(y.clone()) });
  }
}

/**
 * A computation y = f(x) that has run once, to be gone through backwards as often as there are cotangents: `tf.grad` and its like
 * run f anew for each.
 *
 * It reads the tape that TensorFlow.js records for its own gradients, and calls the derivatives that it knows of every operation.
 */
export class Tape {
  readonly y: Tensor;
  readonly #tf: Tf;
  readonly #recording: Recording;
  /** By the number of the operation. */
  readonly #slopes = new Map<number, Tensor>();

  /** Runs f. Call it within `tf.tidy`, and {@link dispose} of it there. @param options - `checked`: for {@link linear}. */
  constructor(tf: Tf, f: (tape: Tape) => Tensor, { checked = false }: { readonly checked?: boolean } = {}) {
    const { state } = tf.engine();
    const { activeTape, gradientDepth } = state;
    this.#tf = tf;
    this.#recording = Recording.on(tf, checked);
    state.activeTape = this.#recording;
    state.gradientDepth = 1;
    try {
      this.y = withOptionalInputs(tf, () => tf.tidy(() => f(this)));
    } catch (error) {
      this.dispose();
      throw error;
    } finally {
      state.activeTape = activeTape;
      state.gradientDepth = gradientDepth;
    }
  }

  /** Operations whose derivatives can be checked, where the tape is a checked one. */
  get linear(): readonly LinearNode[] {
    return this.#recording.linear;
  }

  /** What goes into the softmax, or log-softmax, that a tensor came out of last, if it did. */
  softmaxBehind(y: Tensor): { readonly log: boolean; readonly logits: Tensor } | undefined {
    let wanted = y.id;
    for (const { kernelName, inputs, outputs } of this.#recording.toReversed()) {
      const [input] = Object.values(inputs);
      if (input === undefined || !outputs.some(({ id }) => id === wanted)) continue;
      const logits = this.#recording.kept.get(input.id);
      if (SOFTMAX.has(kernelName)) return logits && { log: kernelName !== 'Softmax', logits };
      if (!IDENTITIES.has(kernelName)) return undefined;
      wanted = input.id;
    }
    return undefined;
  }

  /** The way from tensors to another one. */
  way(from: readonly Tensor[], to: Tensor): Way {
    const dependent = new Set(from.map(({ id }) => id));
    const reached: Stretch[] = [];
    for (const node of this.#recording) {
      // Some are declared and not there, such as a scale that a layer does without.
      const inputs = Object.entries<Tensor | undefined>(node.inputs).filter(
        (entry): entry is [string, Tensor] => entry[1] !== undefined && dependent.has(entry[1].id),
      );
      if (inputs.length === 0) continue;
      // Whole numbers do not follow what they were made of; TensorFlow.js passes cotangents on as if they did.
      for (const { id, dtype } of node.outputs) if (dtype === 'float32') dependent.add(id);
      reached.push({ node, inputs });
    }
    const leading = new Set([to.id]);
    const stretches = reached.toReversed().filter(({ node, inputs }) => {
      if (!node.outputs.some(({ id }) => leading.has(id))) return false;
      for (const [, { id }] of inputs) leading.add(id);
      return true;
    });
    return new Way(this.#tf, { from, to, stretches, slopeOf: (node) => this.#slopeOf(node) });
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

  /** Frees what was recorded. The result is freed by the scope that it is in. */
  dispose(): void {
    for (const { saved = [] } of this.#recording) {
      for (const tensor of saved) tensor.dispose();
    }
    const { kept, linear } = this.#recording;
    for (const tensor of [...kept.values(), ...this.#slopes.values()]) tensor.dispose();
    for (const { x, y } of linear) for (const tensor of [x, y]) tensor.dispose();
    linear.length = 0;
    this.#recording.length = 0;
    this.#recording.kept.clear();
    this.#slopes.clear();
  }
}

/** What a way is made of. */
interface WayParts {
  readonly from: readonly Tensor[];
  readonly to: Tensor;
  /** Last operation first. */
  readonly stretches: readonly Stretch[];
  /** The slope of an operation that acts on each value alone. */
  readonly slopeOf: (node: TapeNode) => Tensor | undefined;
}

/** The way from tensors to another one, to be gone backwards. */
export class Way {
  readonly #tf: Tf;
  readonly #from: readonly Tensor[];
  readonly #to: Tensor;
  readonly #stretches: readonly Stretch[];
  readonly #slopeOf: (node: TapeNode) => Tensor | undefined;

  constructor(tf: Tf, { from, to, stretches, slopeOf }: WayParts) {
    this.#tf = tf;
    this.#from = from;
    this.#to = to;
    this.#stretches = stretches;
    this.#slopeOf = slopeOf;
  }

  /** Whether there is any. */
  get exists(): boolean {
    return this.#stretches.length > 0 || this.#from.some(({ id }) => id === this.#to.id);
  }

  /** Names of the operations on it, first one first. */
  get operations(): readonly string[] {
    return this.#stretches.map(({ node }) => node.kernelName.replace(/__op$/, '')).toReversed();
  }

  /** The first operation on the way back that TensorFlow.js has no derivative of, if there is one. */
  get lacking(): string | undefined {
    return this.#stretches.find(({ node }) => node.gradient === undefined)?.node.kernelName;
  }

  /**
   * Where a cotangent of the last tensor goes to at each of the first ones: zeros at one that it does not depend on.
   *
   * @throws EdjmError `UNSUPPORTED` where an operation has no derivative.
   */
  back(cotangent: Tensor): readonly Tensor[] {
    const { lacking } = this;
    if (lacking !== undefined) {
      throw new EdjmError(
        'UNSUPPORTED',
        `expected operations that TensorFlow.js has derivatives of, got ${lacking}.`,
      );
    }
    return this.#tf.tidy(() => {
      const sums = new Map<number, Tensor>([[this.#to.id, cotangent]]);
      const wanted = new Set(this.#from.map(({ id }) => id));
      for (const stretch of this.#stretches) {
        this.#step(stretch, sums, cotangent);
        for (const { id } of stretch.node.outputs) {
          const sum = sums.get(id);
          if (sum === undefined || wanted.has(id)) continue;
          sums.delete(id);
          release(sum, sums, cotangent);
        }
      }
      return this.#from.map((tensor) => sums.get(tensor.id) ?? this.#tf.zerosLike(tensor));
    });
  }

  /** From the outputs of an operation to its inputs. */
  #step({ node, inputs }: Stretch, sums: Map<number, Tensor>, given: Tensor): void {
    const cotangents = node.outputs.map(
      (output) => sums.get(output.id) ?? this.#tf.zeros(output.shape, output.dtype),
    );
    const gradients = this.#gradients(node, cotangents);
    for (const [name, tensor] of inputs) {
      const gradient = gradients[name];
      if (gradient === undefined) {
        throw new EdjmError(
          'UNSUPPORTED',
          `expected a derivative of ${node.kernelName} with respect to its input ${name}, got none in TensorFlow.js.`,
        );
      }
      const part = this.#tf.tidy(gradient);
      const sum = sums.get(tensor.id);
      sums.set(tensor.id, sum === undefined ? part : this.#tf.add(sum, part));
      if (sum !== undefined) for (const used of [sum, part]) release(used, sums, given);
    }
  }

  /** For each input of an operation, where the cotangents of its outputs go to. */
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
