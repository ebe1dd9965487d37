import {
  checkFiniteValues,
  checkGradientOptions,
  checkLoss,
  type CompleteStepOptions,
  completeStepOptions,
  type DenseMatrix,
  EdjmError,
  type FloatArray,
  type GradientOptions,
  type JacobianProduct,
  type LossGradients,
  type ParameterValues,
  type StepOptions,
  type StepResult,
  type TrainableNetwork,
} from '@edjm/core';
import type { Tensor } from '@tensorflow/tfjs';
import { checkColumns, checkRows } from '../inference/checks.ts';
import type { Engine } from '../engines/engine.ts';
import { outputsOf } from '../inference/outputs.ts';
import type { Parameter, Trainable, TensorFunction } from '../sources/tensorFunction.ts';
import { Tape } from '../tape/tape.ts';
import { type Description, TfjsNetwork } from '../inference/tfjsNetwork.ts';
import { dropping } from './dropout.ts';
import { HeldValues } from './heldValues.ts';
import { productGradients } from './productGradients.ts';
import { lossOf } from './losses.ts';

/** A batch and what it should give. */
interface Lesson {
  readonly batch: DenseMatrix;
  readonly targets: DenseMatrix;
}

/** A model in TensorFlow.js that trains: parameters and velocities stay in the engine. */
export class TfjsTrainableNetwork extends TfjsNetwork implements TrainableNetwork {
  readonly #engine: Engine;
  readonly #model: TensorFunction & { readonly trainable: Trainable };
  readonly #parameters: HeldValues;
  readonly #statistics: HeldValues;
  readonly #velocities = new Map<string, Tensor>();

  constructor(
    engine: Engine,
    model: TensorFunction & { readonly trainable: Trainable },
    description: Description,
  ) {
    super(engine, model, description);
    this.#engine = engine;
    this.#model = model;
    const { name, trainable } = model;
    const holding = { tf: engine.tf, name, run: <T>(work: () => T): T => this.run(work) };
    this.#parameters = new HeldValues(trainable.parameters, { ...holding });
    this.#statistics = new HeldValues(trainable.statistics, { ...holding });
  }

  get parameterShapes(): ReadonlyMap<string, readonly number[]> {
    return this.#parameters.shapes;
  }

  async step(batch: DenseMatrix, targets: DenseMatrix, options: StepOptions): Promise<StepResult> {
    this.#checkLesson({ batch, targets }, options);
    const complete = completeStepOptions(this.name, options);
    for (const [name, data] of options.addedGradients ?? []) {
      this.#parameters.check(new Map([[name, { shape: this.#parameters.get(name).shape, data }]]));
      checkFiniteValues(this.name, data, `gradients to add to ${name}`);
    }
    const { tf } = this.#engine;
    let loss = NaN;
    this.run(() => {
      tf.tidy(() => {
        // A gradient is linear in what it starts from: with −learningRate in it, each is a step already.
        const factor = -complete.learningRate;
        loss = this.#guarded({ batch, targets }, { ...complete, factor }, (steps) => {
          for (const [index, name] of [...this.parameterShapes.keys()].entries()) {
            tf.tidy(() => {
              this.#update(name, steps[index], complete);
            });
          }
        });
      });
    });
    return { loss };
  }

  async gradients(
    batch: DenseMatrix,
    targets: DenseMatrix,
    options: GradientOptions = {},
  ): Promise<LossGradients> {
    this.#checkLesson({ batch, targets }, options);
    checkGradientOptions(this.name, options);
    let loss = NaN;
    const tensors = this.run(() =>
      this.#engine.tf.tidy(() => {
        let found: readonly Tensor[] = [];
        loss = this.#guarded({ batch, targets }, { ...options, factor: 1 }, (gradients) => {
          found = gradients;
        });
        return [...found];
      }),
    );
    return { loss, gradients: this.#finite(await this.#taken(tensors)) };
  }

  /** @inheritDoc @throws EdjmError `UNSUPPORTED` for layers models. */
  async jacobianGradients(
    batch: DenseMatrix,
    products: readonly JacobianProduct[],
  ): Promise<ReadonlyMap<string, FloatArray>> {
    this.checkInUse();
    checkColumns(this.name, batch, { columns: this.sampleSize, what: 'samples' });
    for (const { cotangents, tangents } of products) {
      checkColumns(this.name, cotangents, { columns: this.dOut, what: 'cotangents' });
      checkRows(this.name, cotangents, { batch, what: 'cotangent' });
      checkColumns(this.name, tangents, { columns: this.sampleSize, what: 'tangents' });
      checkRows(this.name, tangents, { batch, what: 'tangent' });
    }
    const { tf } = this.#engine;
    const tensors = this.run(() =>
      tf.tidy(() => [
        ...productGradients(tf, this.#model.trainable, { batch, products, inputShape: this.inputShape }),
      ]),
    );
    return this.#finite(await this.#taken(tensors));
  }

  #finite<T extends ReadonlyMap<string, FloatArray>>(gradients: T): T {
    for (const [name, data] of gradients) checkFiniteValues(this.name, data, `gradients of ${name}`);
    return gradients;
  }

  async parameters(names?: readonly string[]): Promise<ReadonlyMap<string, ParameterValues>> {
    this.checkInUse();
    return this.#parameters.read(names);
  }

  async setParameters(values: ReadonlyMap<string, ParameterValues>, keepMomentum = false): Promise<void> {
    this.checkInUse();
    this.#parameters.check(values);
    this.run(() => {
      this.#parameters.assign(values);
      if (!keepMomentum) for (const name of values.keys()) this.#setVelocity(name, undefined);
    });
  }

  async velocities(): Promise<ReadonlyMap<string, ParameterValues>> {
    this.checkInUse();
    return this.#parameters.readTensors(this.#velocities);
  }

  async setVelocities(values: ReadonlyMap<string, ParameterValues>): Promise<void> {
    this.checkInUse();
    this.#parameters.check(values);
    this.run(() => {
      for (const [name, value] of values) this.#setVelocity(name, this.#parameters.inside(name, value));
    });
  }

  async statistics(): Promise<ReadonlyMap<string, ParameterValues>> {
    this.checkInUse();
    return this.#statistics.read();
  }

  async setStatistics(values: ReadonlyMap<string, ParameterValues>): Promise<void> {
    this.checkInUse();
    this.#statistics.check(values);
    this.run(() => {
      this.#statistics.assign(values);
    });
  }

  override async dispose(): Promise<void> {
    for (const name of [...this.#velocities.keys()]) this.#setVelocity(name, undefined);
    await super.dispose();
  }

  #checkLesson({ batch, targets }: Lesson, { dropout }: GradientOptions): void {
    this.checkInUse();
    checkColumns(this.name, batch, { columns: this.sampleSize, what: 'samples' });
    checkColumns(this.name, targets, { columns: this.dOut, what: 'targets' });
    checkRows(this.name, targets, { batch, what: 'target' });
    if ((dropout?.hidden ?? 0) > 0 && !this.#model.trainable.dropsHidden) {
      throw new EdjmError(
        'INVALID_ARGUMENT',
        `${this.name}: expected no rate for hidden activations, as a layers model has layers of dropout of its own, got ${String(dropout?.hidden)}. Put tf.layers.dropout into the model.`,
      );
    }
  }

  /**
   * The loss, and something done with its gradients, times a factor, in the order of the parameters. What a run changes by itself is as it
   * was where it fails.
   */
  #guarded(
    lesson: Lesson,
    options: GradientOptions & { readonly factor: number },
    use: (gradients: readonly Tensor[]) => void,
  ): number {
    const statistics = [...this.#model.trainable.statistics.values()];
    const before = statistics.map(({ variable, assign }) => ({ value: variable.clone(), assign }));
    try {
      return this.#differentiate(lesson, options, use);
    } catch (error) {
      for (const { value, assign } of before) assign(value);
      throw error;
    }
  }

  #differentiate(
    { batch, targets }: Lesson,
    {
      loss = 'cross-entropy',
      dropout,
      batchStatistics,
      factor,
    }: GradientOptions & { readonly factor: number },
    use: (gradients: readonly Tensor[]) => void,
  ): number {
    const { tf } = this.#engine;
    const { trainable } = this.#model;
    const { dropInput, dropHidden } = dropping(tf, dropout);
    checkFiniteValues(this.name, batch.data, 'samples');
    const x = tf.tensor(new Float32Array(batch.data), [batch.rows, ...this.inputShape]);
    const training = { dropHidden, batchStatistics };
    const run = (input: Tensor) => trainable.run(dropInput(input), training);
    const tape = new Tape(tf, outputsOf(tf, { ...this.#model, run }, { x, outputKind: 'logit' }));
    try {
      const outputs = tape.y.reshape([batch.rows, this.dOut]);
      const { value, gradient } = lossOf(tf, loss, { name: this.name, outputs, targets });
      checkLoss(this.name, value);
      const variables = [...trainable.parameters.values()].map(({ variable }) => variable);
      use(tape.way(variables, tape.y).back(gradient.mul(factor).reshape(tape.y.shape)));
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
    const { variable, assign, shape }: Parameter = this.#parameters.get(name);
    let change: Tensor = step ?? this.#engine.tf.zerosLike(variable);
    const data = addedGradients?.get(name);
    if (data !== undefined)
      change = change.add(this.#parameters.inside(name, { shape, data }).mul(-learningRate));
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

  /** The values of tensors in the order of the parameters, which are freed. */
  async #taken(tensors: readonly Tensor[]): Promise<ReadonlyMap<string, Float32Array>> {
    const names = [...this.parameterShapes.keys()];
    const named = tensors.map((tensor, index) => [names[index] ?? '', tensor] as const);
    try {
      const values = await this.#parameters.readTensors(named);
      return new Map(Array.from(values, ([name, { data }]) => [name, data]));
    } finally {
      for (const tensor of tensors) tensor.dispose();
    }
  }
}
