import {
  checkGradients,
  checkLoss,
  type CompleteStepOptions,
  type DenseMatrix,
  EdjmError,
  type GradientOptions,
  type LabeledBatch,
  type LossGradients,
  type StackedProducts,
  type StepResult,
  type Velocities,
} from '@edjm/core';
import type { Tensor } from '@tensorflow/tfjs';
import type { Engine } from '../engines/engine.ts';
import { runModel } from '../engines/engineError.ts';
import { outputsOf } from '../inference/outputs.ts';
import type { Trainable, TensorFunction } from '../sources/tensorFunction.ts';
import { Tape } from '../tape/tape.ts';
import { dropping } from './dropout.ts';
import { HeldValues } from './heldValues.ts';
import { lossOf } from './losses.ts';
import { productGradients } from './productGradients.ts';

/** A model that can be trained. */
export type TrainableFunction = TensorFunction & { readonly trainable: Trainable };

/** The options of a run, and a factor of its gradients. */
type RunOptions = GradientOptions & { readonly factor: number };

/** Steps and gradients of a model, whose values the engine holds. */
export class Trainer {
  readonly parameters: HeldValues;
  readonly statistics: HeldValues;
  readonly #engine: Engine;
  readonly #model: TrainableFunction;
  readonly #velocities = new Map<string, Tensor>();

  constructor(engine: Engine, model: TrainableFunction) {
    this.#engine = engine;
    this.#model = model;
    const holding = { tf: engine.tf, run: <T>(work: () => T): T => this.#run(work) };
    this.parameters = new HeldValues(model.trainable.parameters, holding);
    this.statistics = new HeldValues(model.trainable.statistics, holding);
  }

  readonly velocities: Velocities = {
    read: () => this.parameters.readTensors(this.#velocities),
    write: (values) => {
      this.#run(() => {
        for (const [name, value] of values) this.#setVelocity(name, this.parameters.inside(name, value));
      });
    },
    clear: (names) => {
      this.#run(() => {
        for (const name of names) this.#setVelocity(name, undefined);
      });
    },
  };

  async step(labeled: LabeledBatch, options: CompleteStepOptions): Promise<StepResult> {
    this.#checkDropout(options);
    const { tf } = this.#engine;
    let loss = NaN;
    this.#run(() => {
      tf.tidy(() => {
        // A gradient is linear in its cotangent: with −learningRate in that, each gradient is a step already.
        const factor = -options.learningRate;
        loss = this.#guarded(labeled, { ...options, factor }, (steps) => {
          for (const [index, name] of [...this.parameters.shapes.keys()].entries()) {
            tf.tidy(() => {
              this.#update(name, steps[index], options);
            });
          }
        });
      });
    });
    return { loss };
  }

  async gradients(labeled: LabeledBatch, options: GradientOptions): Promise<LossGradients> {
    this.#checkDropout(options);
    let loss = NaN;
    const tensors = this.#run(() =>
      this.#engine.tf.tidy(() => {
        let found: readonly Tensor[] = [];
        loss = this.#guarded(labeled, { ...options, factor: 1 }, (gradients) => {
          found = gradients;
        });
        return [...found];
      }),
    );
    const gradients = await this.#taken(tensors);
    checkGradients(this.#model.name, gradients);
    return { loss, gradients };
  }

  async jacobianGradients(
    batch: DenseMatrix,
    products: StackedProducts,
  ): Promise<ReadonlyMap<string, Float32Array>> {
    const { tf } = this.#engine;
    const { trainable, inputShape } = this.#model;
    const tensors = this.#run(() =>
      tf.tidy(() => [...productGradients(tf, { ...trainable, inputShape }, { batch, products })]),
    );
    return this.#taken(tensors);
  }

  #run<T>(work: () => T): T {
    return runModel(this.#engine, this.#model.name, work);
  }

  #checkDropout({ dropout }: GradientOptions): void {
    const { name, trainable } = this.#model;
    if ((dropout?.hidden ?? 0) === 0 || trainable.dropsHidden) return;
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `${name}: expected no rate for hidden activations, as a layers model has layers of dropout of its own, got ${String(dropout?.hidden)}. Put tf.layers.dropout into the model.`,
    );
  }

  /**
   * The loss, and something done with its gradients, times a factor, in the order of the parameters. If that fails, values that the run
   * changed by itself are as they were.
   */
  #guarded(labeled: LabeledBatch, options: RunOptions, use: (gradients: readonly Tensor[]) => void): number {
    const statistics = [...this.#model.trainable.statistics.values()];
    const before = statistics.map(({ variable, assign }) => ({ value: variable.clone(), assign }));
    try {
      return this.#differentiate(labeled, options, use);
    } catch (error) {
      for (const { value, assign } of before) assign(value);
      throw error;
    }
  }

  #differentiate(
    { batch, targets }: LabeledBatch,
    { loss = 'cross-entropy', dropout, batchStatistics, factor }: RunOptions,
    use: (gradients: readonly Tensor[]) => void,
  ): number {
    const { tf } = this.#engine;
    const { name, trainable, inputShape } = this.#model;
    const { dropInput, dropHidden } = dropping(tf, dropout);
    const x = tf.tensor(batch.data, [batch.rows, ...inputShape]);
    const run = (input: Tensor) => trainable.run(dropInput(input), { dropHidden, batchStatistics });
    const tape = new Tape(tf, outputsOf(tf, { ...this.#model, run }, { x }));
    try {
      const outputs = tape.y.reshape([targets.rows, targets.columns]);
      const { value, gradient } = lossOf(tf, loss, { outputs, targets });
      checkLoss(name, value);
      const variables = [...trainable.parameters.values()].map(({ variable }) => variable);
      const cotangent = gradient.mul(factor).reshape(tape.y.shape);
      use(tape.pullback(variables, tape.y).vjp(cotangent));
      return value;
    } finally {
      tape.dispose();
    }
  }

  /** v ← momentum · v − learningRate · g, and w ← w + v. */
  #update(
    name: string,
    step: Tensor | undefined,
    { learningRate, momentum, nesterov, weightDecay, addedGradients }: CompleteStepOptions,
  ): void {
    const { variable, assign, shape } = this.parameters.get(name);
    let change: Tensor = step ?? this.#engine.tf.zerosLike(variable);
    const data = addedGradients?.get(name);
    if (data !== undefined)
      change = change.add(this.parameters.inside(name, { shape, data }).mul(-learningRate));
    if (weightDecay > 0 && shape.length > 1) change = change.add(variable.mul(-learningRate * weightDecay));
    const before = momentum === 0 ? undefined : this.#velocities.get(name);
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

  /** The values of tensors in the order of the parameters; the tensors are freed. */
  async #taken(tensors: readonly Tensor[]): Promise<ReadonlyMap<string, Float32Array>> {
    const names = [...this.parameters.shapes.keys()];
    const named = tensors.map((tensor, index) => [names[index] ?? '', tensor] as const);
    try {
      const values = await this.parameters.readTensors(named);
      return new Map(Array.from(values, ([name, { data }]) => [name, data]));
    } finally {
      for (const tensor of tensors) tensor.dispose();
    }
  }
}
