import {
  checkGradients,
  checkLoss,
  type CompleteStepOptions,
  type DenseMatrix,
  type FloatArray,
  type GradientOptions,
  type LabeledBatch,
  type LossGradients,
  type StackedProducts,
  type StepResult,
  type Velocities,
} from '@edjm/core';
import type { Network } from '@edjm/network';
import { nextOf, type NamedLoss, trainingNames } from '@edjm/onnx-autodiff';
import type { Feeds, SessionPool } from '../runtime/sessionPool.ts';
import { matrix, room, scalar } from './engineTensors.ts';
import { movedStatistics } from './movedStatistics.ts';
import { States } from './states.ts';
import { handedOutArrays, masksOf, type ModeOfTraining, TrainingGraphs } from './trainingGraphs.ts';

/** The loss that a run minimizes and its inputs for that; the value of the loss too if it is known beforehand. */
interface Goal {
  readonly loss: NamedLoss;
  readonly feeds: Feeds;
  readonly value?: number;
}

/** Outputs of a run by name. */
type Results = Readonly<Record<string, FloatArray>>;

/** Runs the training graphs of a network on its values. */
export class Trainer {
  readonly #name: string;
  readonly #pool: SessionPool;
  readonly #graphs: TrainingGraphs;
  readonly #parameters: States;
  readonly #statistics: States;
  /** Defined after the first step, or once some were set. */
  #velocities: States | undefined;
  readonly #gradientArrays = new Map<string, Feeds>();

  constructor(
    network: Network,
    pool: SessionPool,
    { parameters, statistics }: { readonly parameters: States; readonly statistics: States },
  ) {
    this.#name = network.name;
    this.#pool = pool;
    this.#graphs = new TrainingGraphs(network);
    this.#parameters = parameters;
    this.#statistics = statistics;
  }

  get velocities(): Velocities {
    return {
      read: async () => this.#velocities?.read(this.#velocities.names) ?? new Map(),
      write: (values) => {
        if (values.size === 0) return;
        this.#velocities ??= this.#zeroVelocities();
        this.#velocities.write(values);
      },
      clear: (names) => this.#velocities?.clear(names),
    };
  }

  async step(labeled: LabeledBatch, options: CompleteStepOptions): Promise<StepResult> {
    const {
      momentum,
      nesterov,
      weightDecay,
      learningRate,
      addedGradients = new Map(),
      batchStatistics,
    } = options;
    const n = labeled.batch.rows;
    const mode = this.#graphs.mode(options);
    const goal = await this.#goal(labeled, options, mode);
    const velocities = this.#velocities ?? this.#zeroVelocities();
    const rule = {
      loss: goal.loss,
      momentum,
      nesterov,
      decays: weightDecay > 0,
      added: [...addedGradients.keys()].sort(),
    };
    const results = await this.#pool.runInto(
      `step ${mode.key} ${String(n)} ${JSON.stringify(rule)}`,
      () => mode.graph.stepGraph(n, rule),
      {
        feeds: {
          ...this.#feeds(mode, labeled.batch, options),
          ...goal.feeds,
          ...velocities.feeds(trainingNames.velocity),
          ...this.#addedFeeds(addedGradients),
          [trainingNames.rate]: scalar(learningRate),
          [trainingNames.decay]: scalar(learningRate * weightDecay),
        },
        into: {
          ...this.#parameters.spares(nextOf),
          ...velocities.spares((name) => nextOf(trainingNames.velocity(name))),
          ...handedOutArrays(mode),
          [trainingNames.loss]: scalar(NaN),
        },
      },
    );
    const loss = this.#lossIn(results, goal);
    this.#parameters.advance((name) => results[nextOf(name)]);
    velocities.advance((name) => results[nextOf(trainingNames.velocity(name))]);
    this.#velocities = velocities;
    this.#moveStatistics(mode, results, { n, fraction: batchStatistics ?? 0 });
    return { loss };
  }

  async gradients(labeled: LabeledBatch, options: GradientOptions): Promise<LossGradients> {
    const n = labeled.batch.rows;
    const mode = this.#graphs.mode(options);
    const goal = await this.#goal(labeled, options, mode);
    const results = await this.#pool.runInto(
      `gradients ${mode.key} ${goal.loss} ${String(n)}`,
      () => mode.graph.gradientGraph(n, goal.loss),
      {
        feeds: { ...this.#feeds(mode, labeled.batch, options), ...goal.feeds },
        into: {
          ...this.#gradientRoom('of the loss'),
          ...handedOutArrays(mode),
          [trainingNames.loss]: scalar(NaN),
        },
      },
    );
    const loss = this.#lossIn(results, goal);
    const gradients = this.#gradientsIn(results);
    checkGradients(this.#name, gradients);
    this.#moveStatistics(mode, results, { n, fraction: options.batchStatistics ?? 0 });
    return { loss, gradients };
  }

  async jacobianGradients(
    batch: DenseMatrix,
    { count, cotangents, tangents }: StackedProducts,
  ): Promise<ReadonlyMap<string, FloatArray>> {
    const mode = this.#graphs.mode();
    const n = batch.rows;
    const stacked = (data: FloatArray) => ({ shape: [count, n, data.length / (count * n)], data });
    const results = await this.#pool.runInto(
      `jacobian gradients ${String(n)} ${String(count)}`,
      () => mode.graph.jacobianGradientGraph(n, count),
      {
        feeds: {
          ...this.#feeds(mode, batch),
          [trainingNames.cotangents]: stacked(cotangents),
          [trainingNames.tangents]: stacked(tangents),
        },
        into: this.#gradientRoom('of Jacobian products'),
      },
    );
    return this.#gradientsIn(results);
  }

  /** A loss that the run computes, or that of a function, whose gradient the run gets. */
  async #goal(
    { batch, targets }: LabeledBatch,
    { loss = 'cross-entropy', ...options }: GradientOptions,
    mode: ModeOfTraining,
  ): Promise<Goal> {
    if (typeof loss !== 'function') return { loss, feeds: { [trainingNames.targets]: matrix(targets) } };
    const { rows, columns } = targets;
    const into = { [trainingNames.outputs]: room([rows, columns]) };
    const results = await this.#pool.runInto(
      `outputs ${mode.key} ${String(rows)}`,
      () => mode.graph.outputGraph(rows),
      { feeds: this.#feeds(mode, batch, options), into },
    );
    const data = results[trainingNames.outputs] ?? new Float32Array();
    const { value, gradient } = loss({ rows, columns, data }, targets);
    checkLoss(this.#name, value);
    const given = { rows, columns, data: new Float32Array(gradient.data) };
    return { loss: 'given', feeds: { [trainingNames.lossGradient]: matrix(given) }, value };
  }

  #lossIn(results: Results, { value }: Goal): number {
    const loss = value ?? results[trainingNames.loss]?.[0] ?? NaN;
    checkLoss(this.#name, loss);
    return loss;
  }

  /** A batch, the masks of dropout, and the values that the network has now. */
  #feeds(mode: ModeOfTraining, batch: DenseMatrix, { dropout }: GradientOptions = {}): Feeds {
    return {
      ...this.#parameters.feeds(),
      ...(mode.readsStatistics ? this.#statistics.feeds() : {}),
      ...masksOf(mode.masks, dropout, batch.rows),
      [trainingNames.batch]: matrix(batch),
    };
  }

  #addedFeeds(gradients: ReadonlyMap<string, FloatArray>): Feeds {
    const { shapes } = this.#parameters;
    return Object.fromEntries(
      [...gradients].map(([name, data]) => [
        trainingNames.added(name),
        { shape: shapes.get(name) ?? [], data },
      ]),
    );
  }

  #zeroVelocities(): States {
    return new States(new Map([...this.#parameters.shapes].map(([name, shape]) => [name, room(shape)])));
  }

  /** Arrays for gradients, the same ones each time: allocating them can cost more than writing to them. */
  #gradientRoom(kind: string): Feeds {
    const known = this.#gradientArrays.get(kind);
    if (known !== undefined) return known;
    const arrays = Object.fromEntries(
      [...this.#parameters.shapes].map(([name, shape]) => [trainingNames.gradient(name), room(shape)]),
    );
    this.#gradientArrays.set(kind, arrays);
    return arrays;
  }

  #gradientsIn(results: Results): ReadonlyMap<string, FloatArray> {
    return new Map(
      this.#parameters.names.map((name) => [
        name,
        results[trainingNames.gradient(name)] ?? new Float32Array(),
      ]),
    );
  }

  #moveStatistics(
    { statistics }: ModeOfTraining,
    results: Results,
    { n, fraction }: { readonly n: number; readonly fraction: number },
  ): void {
    for (const { layer, positions, ...names } of statistics) {
      const of = (name: string) => results[trainingNames.handedOut(name)] ?? new Float32Array();
      const batch = { mean: of(names.mean), variance: of(names.variance) };
      const stored = (name: string) => this.#statistics.copy(name);
      this.#statistics.write(movedStatistics(stored, batch, { layer, count: n * positions, fraction }));
    }
  }
}
