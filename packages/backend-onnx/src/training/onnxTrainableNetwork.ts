import {
  checkFiniteValues,
  checkGradientOptions,
  checkLoss,
  checkNamedValues,
  completeStepOptions,
  type DenseMatrix,
  type FloatArray,
  type GradientOptions,
  type JacobianProduct,
  knownShape,
  type Loss,
  type LossGradients,
  type ParameterValues,
  type StepOptions,
  type StepResult,
  type TrainableNetwork,
} from '@edjm/core';
import { allFinite } from '@edjm/linalg';
import { type Network, networkParameters, networkStatistics, valueCount } from '@edjm/network';
import { NetworkGraph, nextOf, type NamedLoss, trainingNames } from '@edjm/onnx-autodiff';
import { networkToModel } from '../network/networkToModel.ts';
import { OnnxNetwork } from '../network/onnxNetwork.ts';
import type { Feeds, SessionPool } from '../runtime/sessionPool.ts';
import { inTurn, type Turns } from '../runtime/turns.ts';
import { checkRows } from './checks.ts';
import { movedStatistics } from './movedStatistics.ts';
import { States } from './states.ts';
import { matrix, scalar, stacked, tensor } from './engineTensors.ts';
import { handedOutArrays, masksOf, type ModeOfTraining, TrainingGraphs } from './trainingGraphs.ts';

/** What a run minimizes, and what it needs for that; the loss itself where it is known beforehand. */
interface Goal {
  readonly loss: NamedLoss;
  readonly feeds: Feeds;
  readonly value?: number;
}

const identity = (name: string): string => name;

/**
 * A network as data that trains in ONNX Runtime: loss, gradients and updates are one graph. Parameters and velocities lie in arrays that
 * runs read and write in turns, so that a step that fails has changed nothing.
 */
export class OnnxTrainableNetwork extends OnnxNetwork implements TrainableNetwork {
  readonly parameterShapes: ReadonlyMap<string, readonly number[]>;
  readonly #pool: SessionPool;
  readonly #graphs: TrainingGraphs;
  readonly #parameters: States;
  readonly #velocities = new States();
  /** Whether a step was made, or velocities set. */
  #hasVelocities = false;
  readonly #statistics: States;
  readonly #gradientArrays = new Map<string, Feeds>();
  /** What writes to arrays of the network does so one after the other, whoever waits for it. */
  readonly #turns: Turns = inTurn();

  constructor(network: Network, pool: SessionPool) {
    const parameters = statesOf(networkParameters(network));
    const statistics = statesOf(networkStatistics(network));
    const names = [...networkParameters(network).keys(), ...networkStatistics(network).keys()];
    const graph = new NetworkGraph(networkToModel(network), { name: network.name, parameters: names });
    super(graph, pool, () => ({ ...parameters.feeds(identity), ...statistics.feeds(identity) }));
    this.parameterShapes = new Map(
      [...networkParameters(network)].map(([name, { shape }]) => [name, shape] as const),
    );
    this.#pool = pool;
    this.#graphs = new TrainingGraphs(network);
    this.#parameters = parameters;
    this.#statistics = statistics;
  }

  step(batch: DenseMatrix, targets: DenseMatrix, options: StepOptions): Promise<StepResult> {
    return this.#turns(() => this.#step(batch, targets, options));
  }

  gradients(batch: DenseMatrix, targets: DenseMatrix, options: GradientOptions = {}): Promise<LossGradients> {
    return this.#turns(() => this.#lossGradients(batch, targets, options));
  }

  jacobianGradients(
    batch: DenseMatrix,
    products: readonly JacobianProduct[],
  ): Promise<ReadonlyMap<string, FloatArray>> {
    return this.#turns(() => this.#productGradients(batch, products));
  }

  async #step(batch: DenseMatrix, targets: DenseMatrix, options: StepOptions): Promise<StepResult> {
    this.checkInUse();
    const complete = completeStepOptions(this.name, options);
    this.#checkBatch(batch, targets);
    const added = new Map(
      [...(options.addedGradients ?? [])].map(([name, data]) => [name, { shape: this.#shapeOf(name), data }]),
    );
    this.#checkAll(added);
    const { momentum, nesterov, weightDecay, learningRate, batchStatistics } = complete;
    const mode = this.#graphs.mode(complete);
    const goal = await this.#goal(complete.loss, { batch, targets, options }, mode);
    this.#startVelocities();
    const rule = {
      loss: goal.loss,
      momentum,
      nesterov,
      decays: weightDecay > 0,
      added: [...added.keys()].sort(),
    };
    const results = await this.#pool.runInto(
      `step ${mode.key} ${String(batch.rows)} ${JSON.stringify(rule)}`,
      () => mode.graph.stepGraph(batch.rows, rule),
      {
        feeds: {
          ...this.#feeds(mode, batch, options),
          ...goal.feeds,
          ...this.#velocities.feeds(trainingNames.velocity),
          ...Object.fromEntries(
            [...added].map(([name, value]) => [trainingNames.added(name), tensor(value)]),
          ),
          [trainingNames.rate]: scalar(learningRate),
          [trainingNames.decay]: scalar(learningRate * weightDecay),
        },
        into: {
          ...this.#parameters.spares(nextOf),
          ...this.#velocities.spares((name) => nextOf(trainingNames.velocity(name))),
          ...handedOutArrays(mode),
          [trainingNames.loss]: scalar(NaN),
        },
      },
    );
    const loss = this.#lossIn(results, goal);
    this.#parameters.advance((name) => results[nextOf(name)]);
    this.#velocities.advance((name) => results[nextOf(trainingNames.velocity(name))]);
    this.#hasVelocities = true;
    this.#moveStatistics(mode, results, { n: batch.rows, fraction: batchStatistics ?? 0 });
    return { loss };
  }

  async #lossGradients(
    batch: DenseMatrix,
    targets: DenseMatrix,
    options: GradientOptions,
  ): Promise<LossGradients> {
    this.checkInUse();
    checkGradientOptions(this.name, options);
    this.#checkBatch(batch, targets);
    const mode = this.#graphs.mode(options);
    const goal = await this.#goal(options.loss ?? 'cross-entropy', { batch, targets, options }, mode);
    const results = await this.#pool.runInto(
      `gradients ${mode.key} ${goal.loss} ${String(batch.rows)}`,
      () => mode.graph.gradientGraph(batch.rows, goal.loss),
      {
        feeds: { ...this.#feeds(mode, batch, options), ...goal.feeds },
        into: {
          ...this.#gradients('of the loss'),
          ...handedOutArrays(mode),
          [trainingNames.loss]: scalar(NaN),
        },
      },
    );
    const loss = this.#lossIn(results, goal);
    const gradients = this.#gradientsIn(results);
    this.#moveStatistics(mode, results, { n: batch.rows, fraction: options.batchStatistics ?? 0 });
    return { loss, gradients };
  }

  async #productGradients(
    batch: DenseMatrix,
    products: readonly JacobianProduct[],
  ): Promise<ReadonlyMap<string, FloatArray>> {
    this.check(batch, this.sampleSize, 'samples');
    for (const { cotangents, tangents } of products) {
      this.check(cotangents, this.dOut, 'cotangents');
      this.check(tangents, this.dIn, 'tangents');
      checkRows(this.name, cotangents, { batch, what: 'cotangents' });
      checkRows(this.name, tangents, { batch, what: 'tangents' });
    }
    const k = products.length;
    if (k === 0 || this.parameterShapes.size === 0) {
      const zeros = [...this.parameterShapes].map(
        ([name, shape]) => [name, new Float32Array(valueCount(shape))] as const,
      );
      return new Map(zeros);
    }
    const mode = this.#graphs.mode();
    const results = await this.#pool.runInto(
      `jacobian gradients ${String(batch.rows)} ${String(k)}`,
      () => mode.graph.jacobianGradientGraph(batch.rows, k),
      {
        feeds: {
          ...this.#feeds(mode, batch),
          [trainingNames.cotangents]: stacked(products.map(({ cotangents }) => cotangents)),
          [trainingNames.tangents]: stacked(products.map(({ tangents }) => tangents)),
        },
        into: this.#gradients('of Jacobian products'),
      },
    );
    return this.#gradientsIn(results);
  }

  async parameters(names?: readonly string[]): Promise<ReadonlyMap<string, ParameterValues>> {
    this.checkInUse();
    for (const name of names ?? []) this.#shapeOf(name);
    return this.#parameters.copies(names);
  }

  async setParameters(values: ReadonlyMap<string, ParameterValues>, keepMomentum = false): Promise<void> {
    await this.#turns(async () => {
      this.#checkAll(values);
      for (const [name, value] of values) {
        this.#parameters.set(name, value);
        if (!keepMomentum) this.#velocities.clear(name);
      }
    });
  }

  async velocities(): Promise<ReadonlyMap<string, ParameterValues>> {
    this.checkInUse();
    return this.#hasVelocities ? this.#velocities.copies() : new Map();
  }

  async setVelocities(values: ReadonlyMap<string, ParameterValues>): Promise<void> {
    await this.#turns(async () => {
      this.#checkAll(values);
      if (values.size === 0) return;
      this.#startVelocities();
      this.#hasVelocities = true;
      for (const [name, value] of values) this.#velocities.set(name, value);
    });
  }

  async statistics(): Promise<ReadonlyMap<string, ParameterValues>> {
    this.checkInUse();
    return this.#statistics.copies();
  }

  async setStatistics(values: ReadonlyMap<string, ParameterValues>): Promise<void> {
    await this.#turns(async () => {
      this.checkInUse();
      const shapes = [...this.#statistics.copies()].map(([name, { shape }]) => [name, shape] as const);
      checkNamedValues(this.name, new Map(shapes), values);
      for (const [name, value] of values) this.#statistics.set(name, value);
    });
  }

  override async dispose(): Promise<void> {
    await this.#turns(() => super.dispose());
  }

  /** What a run minimizes: a loss that it computes, or one of JavaScript's, of which it is given the gradient. */
  async #goal(
    loss: Loss,
    { batch, targets, options }: { batch: DenseMatrix; targets: DenseMatrix; options: GradientOptions },
    mode: ModeOfTraining,
  ): Promise<Goal> {
    if (typeof loss !== 'function') return { loss, feeds: { [trainingNames.targets]: matrix(targets) } };
    const shape = { rows: batch.rows, columns: this.dOut };
    const room = matrix({ ...shape, data: new Float32Array(shape.rows * shape.columns) });
    const results = await this.#pool.runInto(
      `outputs ${mode.key} ${String(batch.rows)}`,
      () => mode.graph.outputGraph(batch.rows),
      { feeds: this.#feeds(mode, batch, options), into: { [trainingNames.outputs]: room } },
    );
    const data = results[trainingNames.outputs] ?? room.data;
    const { value, gradient } = loss({ ...shape, data }, targets);
    this.check(gradient, this.dOut, 'a gradient of the loss');
    checkRows(this.name, gradient, { batch, what: 'a gradient of the loss' });
    checkLoss(this.name, allFinite(gradient.data) ? value : NaN);
    return { loss: 'given', feeds: { [trainingNames.lossGradient]: matrix(gradient) }, value };
  }

  #lossIn(results: Readonly<Record<string, FloatArray>>, { value }: Goal): number {
    const loss = value ?? results[trainingNames.loss]?.[0] ?? NaN;
    checkLoss(this.name, loss);
    return loss;
  }

  /** A batch, what is dropped of it, and the values that the network has now. */
  #feeds(mode: ModeOfTraining, batch: DenseMatrix, { dropout }: GradientOptions = {}): Feeds {
    return {
      ...this.#parameters.feeds(identity),
      ...(mode.readsStatistics ? this.#statistics.feeds(identity) : {}),
      ...masksOf(mode.masks, dropout, batch.rows),
      [trainingNames.batch]: matrix(batch),
    };
  }

  #startVelocities(): void {
    for (const [name, shape] of this.parameterShapes) {
      if (!this.#velocities.has(name))
        this.#velocities.set(name, { shape, data: new Float32Array(valueCount(shape)) });
    }
  }

  /** Arrays for gradients, the same ones each time: fresh ones can cost more than what is written to them. */
  #gradients(kind: string): Feeds {
    const known = this.#gradientArrays.get(kind);
    if (known !== undefined) return known;
    const arrays = Object.fromEntries(
      [...this.parameterShapes].map(([name, shape]) => [
        trainingNames.gradient(name),
        { shape, data: new Float32Array(valueCount(shape)) },
      ]),
    );
    this.#gradientArrays.set(kind, arrays);
    return arrays;
  }

  #gradientsIn(results: Readonly<Record<string, FloatArray>>): ReadonlyMap<string, FloatArray> {
    return new Map(
      [...this.parameterShapes.keys()].map((name) => {
        const gradient = results[trainingNames.gradient(name)] ?? new Float32Array();
        checkFiniteValues(this.name, gradient, 'gradients');
        return [name, gradient] as const;
      }),
    );
  }

  #moveStatistics(
    { statistics }: ModeOfTraining,
    results: Readonly<Record<string, FloatArray>>,
    { n, fraction }: { readonly n: number; readonly fraction: number },
  ): void {
    if (statistics.length === 0) return;
    const stored = this.#statistics.copies();
    for (const layer of statistics) {
      const of = (name: string) => results[trainingNames.handedOut(name)] ?? new Float32Array();
      const batch = { mean: of(layer.mean), variance: of(layer.variance) };
      const moved = movedStatistics(stored, batch, {
        layer: layer.layer,
        count: n * layer.positions,
        fraction,
      });
      for (const [name, value] of moved) this.#statistics.set(name, value);
    }
  }

  #checkBatch(batch: DenseMatrix, targets: DenseMatrix): void {
    this.check(batch, this.sampleSize, 'samples');
    this.check(targets, this.dOut, 'targets');
    checkRows(this.name, targets, { batch, what: 'targets' });
  }

  #shapeOf(name: string): readonly number[] {
    return knownShape(this.name, this.parameterShapes, name);
  }

  #checkAll(values: ReadonlyMap<string, ParameterValues>): void {
    this.checkInUse();
    checkNamedValues(this.name, this.parameterShapes, values);
    for (const [name, { data }] of values) checkFiniteValues(this.name, data, `values for ${name}`);
  }
}

function statesOf(tensors: ReadonlyMap<string, ParameterValues>): States {
  const states = new States();
  for (const [name, value] of tensors) states.set(name, value);
  return states;
}
