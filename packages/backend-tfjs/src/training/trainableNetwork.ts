import {
  type DenseMatrix,
  EdjmError,
  type ParameterValues,
  type StepOptions,
  type StepResult,
  type TrainableNetwork,
} from '@edjm/core';
import { valueCount } from '@edjm/network';
import type { Tensor } from '@tensorflow/tfjs';
import { checkColumns, checkRows } from '../checks.ts';
import { type Engine, inEngine } from '../engines/engine.ts';
import { engineError } from '../engines/engineError.ts';
import { outputsOf } from '../outputs.ts';
import type { Parameter, Trainable, TensorFunction } from '../sources/tensorFunction.ts';
import { Tape } from '../tape.ts';
import { type Description, TfjsNetwork } from '../tfjsNetwork.ts';
import { dropping } from './dropout.ts';
import { checkFinite, checkLoss, lossOf } from './losses.ts';
import { type CompleteStepOptions, completed } from './stepOptions.ts';

/** A model in TensorFlow.js that trains: parameters and velocities stay in the engine. */
export class TfjsTrainableNetwork extends TfjsNetwork implements TrainableNetwork {
  readonly parameterShapes: ReadonlyMap<string, readonly number[]>;
  readonly #engine: Engine;
  readonly #model: TensorFunction & { readonly trainable: Trainable };
  readonly #velocities = new Map<string, Tensor>();

  constructor(
    engine: Engine,
    model: TensorFunction & { readonly trainable: Trainable },
    description: Description,
  ) {
    super(engine, model, description);
    this.#engine = engine;
    this.#model = model;
    this.parameterShapes = new Map(
      [...model.trainable.parameters].map(([name, { shape }]) => [name, shape] as const),
    );
  }

  async step(batch: DenseMatrix, targets: DenseMatrix, options: StepOptions): Promise<StepResult> {
    this.checkInUse();
    checkColumns(this.name, batch, { columns: this.inputSize, what: 'samples' });
    checkColumns(this.name, targets, { columns: this.outputSize, what: 'targets' });
    checkRows(this.name, targets, { batch, what: 'target' });
    const complete = completed(this.name, options);
    if ((options.dropout?.hidden ?? 0) > 0 && !this.#model.trainable.dropsHidden) {
      throw new EdjmError(
        'INVALID_ARGUMENT',
        `${this.name}: expected no rate for hidden activations, as a layers model has layers of dropout of its own, got ${String(options.dropout?.hidden)}. Put tf.layers.dropout into the model.`,
      );
    }
    for (const [name, data] of options.addedGradients ?? []) {
      this.#checkValues(name, { shape: this.#parameter(name).shape, data });
      checkFinite(this.name, data, `gradients to add to ${name}`);
    }
    return { loss: this.#run(() => this.#engine.tf.tidy(() => this.#guarded(batch, targets, complete))) };
  }

  async parameters(): Promise<ReadonlyMap<string, ParameterValues>> {
    this.checkInUse();
    const parameters = [...this.#model.trainable.parameters];
    return this.#read(parameters.map(([name, { variable }]) => [name, variable]));
  }

  async setParameters(values: ReadonlyMap<string, ParameterValues>, keepMomentum = false): Promise<void> {
    this.#checkAll(values);
    this.#run(() => {
      for (const [name, value] of values) {
        this.#engine.tf.tidy(() => {
          this.#parameter(name).assign(this.#inside(name, value));
        });
        if (!keepMomentum) this.#setVelocity(name, undefined);
      }
    });
  }

  async velocities(): Promise<ReadonlyMap<string, ParameterValues>> {
    this.checkInUse();
    return this.#read([...this.#velocities]);
  }

  async setVelocities(values: ReadonlyMap<string, ParameterValues>): Promise<void> {
    this.#checkAll(values);
    this.#run(() => {
      for (const [name, value] of values) this.#setVelocity(name, this.#inside(name, value));
    });
  }

  override async dispose(): Promise<void> {
    for (const name of [...this.#velocities.keys()]) this.#setVelocity(name, undefined);
    await super.dispose();
  }

  /** A step that leaves what a run changes by itself as it was, where it fails. */
  #guarded(batch: DenseMatrix, targets: DenseMatrix, options: CompleteStepOptions): number {
    const { statistics } = this.#model.trainable;
    const before = statistics.map(({ variable }) => variable.clone());
    try {
      return this.#step(batch, targets, options);
    } catch (error) {
      for (const [index, { assign }] of statistics.entries()) {
        const value = before[index];
        if (value !== undefined) assign(value);
      }
      throw error;
    }
  }

  #step(batch: DenseMatrix, targets: DenseMatrix, options: CompleteStepOptions): number {
    const { tf } = this.#engine;
    const { dropInput, ...training } = dropping(tf, options.dropout);
    const { trainable } = this.#model;
    checkFinite(this.name, batch.data, 'samples');
    const x = tf.tensor(new Float32Array(batch.data), [batch.rows, ...this.inputShape]);
    const run = { ...this.#model, run: (input: Tensor) => trainable.run(dropInput(input), training) };
    const tape = new Tape(tf, outputsOf(tf, run, { x, outputKind: 'logit' }));
    try {
      const outputs = tape.y.reshape([batch.rows, this.outputSize]);
      const { value, gradient } = lossOf(tf, options.loss, { name: this.name, outputs, targets });
      checkLoss(this.name, value);
      const variables = [...trainable.parameters.values()].map(({ variable }) => variable);
      // A gradient is linear in what it starts from: with −learningRate in it, each is a step already.
      const start = gradient.mul(-options.learningRate).reshape(tape.y.shape);
      const steps = tape.way(variables, tape.y).back(start);
      for (const [index, [name, parameter]] of [...trainable.parameters].entries()) {
        tf.tidy(() => {
          this.#update(name, { parameter, step: steps[index] }, options);
        });
      }
      return value;
    } finally {
      tape.dispose();
    }
  }

  /** v ← momentum · v − learningRate · g, and w ← w + v. */
  #update(
    name: string,
    { parameter, step }: { readonly parameter: Parameter; readonly step: Tensor | undefined },
    { learningRate, momentum, nesterov, weightDecay, addedGradients }: CompleteStepOptions,
  ): void {
    const { tf } = this.#engine;
    const { variable, assign, shape } = parameter;
    let change: Tensor = step ?? tf.zerosLike(variable);
    const added = addedGradients?.get(name);
    if (added !== undefined)
      change = change.add(this.#inside(name, { shape, data: added }).mul(-learningRate));
    if (weightDecay > 0 && shape.length > 1) change = change.add(variable.mul(-learningRate * weightDecay));
    if (momentum === 0) {
      assign(variable.add(change));
      return;
    }
    const before = this.#velocities.get(name);
    const velocity = before === undefined ? change : before.mul(momentum).add(change);
    assign(variable.add(nesterov ? velocity.mul(momentum).add(change) : velocity));
    this.#setVelocity(name, velocity);
  }

  /** Takes a tensor over, and frees the one before. */
  #setVelocity(name: string, velocity: Tensor | undefined): void {
    this.#velocities.get(name)?.dispose();
    if (velocity === undefined) this.#velocities.delete(name);
    else this.#velocities.set(name, this.#engine.tf.keep(velocity));
  }

  /** Values with their axes as they are outside of the engine. */
  async #read(
    tensors: readonly (readonly [string, Tensor])[],
  ): Promise<ReadonlyMap<string, ParameterValues>> {
    const values = new Map<string, ParameterValues>();
    for (const [name, tensor] of tensors) {
      const { shape, axes } = this.#parameter(name);
      const outside = this.#run(() =>
        this.#engine.tf.tidy(() => (axes === undefined ? tensor.clone() : tensor.transpose([...axes]))),
      );
      try {
        values.set(name, { shape, data: new Float32Array(await outside.data<'float32'>()) });
      } finally {
        outside.dispose();
      }
    }
    return values;
  }

  /** A tensor as the engine holds the parameter. */
  #inside(name: string, { shape, data }: ParameterValues): Tensor {
    const { tf } = this.#engine;
    const { axes } = this.#parameter(name);
    return tf.tidy(() => {
      const outside = tf.tensor(new Float32Array(data), [...shape]);
      return axes === undefined ? outside : outside.transpose(axes.map((_, axis) => axes.indexOf(axis)));
    });
  }

  #parameter(name: string): Parameter {
    const parameter = this.#model.trainable.parameters.get(name);
    if (parameter !== undefined) return parameter;
    throw new EdjmError(
      'NOT_FOUND',
      `${this.name}: expected the name of a parameter, got "${name}". There are ${[...this.parameterShapes.keys()].join(', ')}.`,
    );
  }

  #checkAll(values: ReadonlyMap<string, ParameterValues>): void {
    this.checkInUse();
    for (const [name, value] of values) this.#checkValues(name, value);
  }

  #checkValues(name: string, { shape, data }: ParameterValues): void {
    const expected = this.#parameter(name).shape;
    const fits = shape.length === expected.length && shape.every((size, axis) => size === expected[axis]);
    if (fits && data.length === valueCount(expected)) return;
    throw new EdjmError(
      'SHAPE_MISMATCH',
      `${this.name}, parameter ${name}: expected the shape ${expected.join(' × ')}, got ${shape.join(' × ')} with ${String(data.length)} values.`,
    );
  }

  #run<T>(work: () => T): T {
    try {
      return inEngine(this.#engine, work);
    } catch (cause) {
      throw engineError(this.name, this.#engine, cause);
    }
  }
}
