import {
  checkFiniteValues,
  checkNamedValues,
  knownShape,
  checkGradientOptions,
  completeStepOptions,
  type DenseMatrix,
  type GradientOptions,
  type JacobianProduct,
  type LossGradients,
  type ParameterValues,
  type StepOptions,
  type StepResult,
  type TrainableNetwork,
} from '@edjm/core';
import {
  type Network,
  networkParameters,
  networkStatistics,
  type Tensor,
  withEnding,
  withParameters,
} from '@edjm/network';
import { CpuNetwork } from '../cpuNetwork.ts';
import { checkMatrix } from './checks.ts';
import { descended } from './descent.ts';
import { jacobianGradients } from './jacobianGradients.ts';
import { type LabeledBatch, lossGradients, type RunGradients } from './lossGradients.ts';

/**
 * A network as data that trains, in float64. No value of it is ever changed: a step makes a network with other values and puts it in the
 * place of the one before, so that what fails leaves everything as it was.
 */
export class CpuTrainableNetwork extends CpuNetwork implements TrainableNetwork {
  readonly parameterShapes: ReadonlyMap<string, readonly number[]>;
  #velocities: ReadonlyMap<string, ParameterValues> = new Map();

  constructor(network: Network) {
    const logits = withEnding(network, 'logit');
    // Gradients are kept by array: no two parameters may lie in one.
    super(withParameters(logits, copies(tensorsOf(logits))), 'logit');
    this.parameterShapes = new Map([...networkParameters(logits)].map(([name, { shape }]) => [name, shape]));
  }

  async step(batch: DenseMatrix, targets: DenseMatrix, options: StepOptions): Promise<StepResult> {
    this.#checkBatch({ batch, targets });
    const complete = completeStepOptions(this.name, options);
    const parameters = networkParameters(this.network);
    for (const [name, data] of options.addedGradients ?? []) {
      const shape = knownShape(this.name, this.parameterShapes, name);
      checkNamedValues(this.name, this.parameterShapes, new Map([[name, { shape, data }]]));
      checkFiniteValues(this.name, data, `gradients to add to ${name}`);
    }
    const { loss, gradients, statistics } = this.#run({ batch, targets }, complete);
    const next = descended({ parameters, velocities: this.#velocities }, gradients, complete);
    this.#assign(new Map([...next.parameters, ...statistics]));
    this.#velocities = next.velocities;
    return { loss };
  }

  async gradients(
    batch: DenseMatrix,
    targets: DenseMatrix,
    options: GradientOptions = {},
  ): Promise<LossGradients> {
    this.#checkBatch({ batch, targets });
    checkGradientOptions(this.name, options);
    const { loss, gradients, statistics } = this.#run({ batch, targets }, options);
    for (const values of gradients.values()) checkFiniteValues(this.name, values, 'gradients');
    this.#assign(statistics);
    return { loss, gradients };
  }

  async jacobianGradients(
    batch: DenseMatrix,
    products: readonly JacobianProduct[],
  ): Promise<ReadonlyMap<string, Float64Array>> {
    this.checkInUse();
    const { rows } = batch;
    const { name, sampleSize, dOut } = this;
    checkMatrix(name, batch, { rows, columns: sampleSize, what: 'samples' });
    for (const { cotangents, tangents } of products) {
      checkMatrix(name, cotangents, { rows, columns: dOut, what: 'cotangents' });
      checkMatrix(name, tangents, { rows, columns: sampleSize, what: 'tangents' });
    }
    const gradients = jacobianGradients(this.network, batch, products);
    for (const values of gradients.values()) checkFiniteValues(name, values, 'gradients');
    return gradients;
  }

  async parameters(names?: readonly string[]): Promise<ReadonlyMap<string, ParameterValues>> {
    this.checkInUse();
    for (const name of names ?? []) knownShape(this.name, this.parameterShapes, name);
    return copies(
      new Map([...networkParameters(this.network)].filter(([name]) => names?.includes(name) ?? true)),
    );
  }

  async setParameters(values: ReadonlyMap<string, ParameterValues>, keepMomentum = false): Promise<void> {
    this.checkInUse();
    checkNamedValues(this.name, this.parameterShapes, values);
    this.#assign(copies(values));
    if (keepMomentum) return;
    this.#velocities = new Map([...this.#velocities].filter(([name]) => !values.has(name)));
  }

  async velocities(): Promise<ReadonlyMap<string, ParameterValues>> {
    this.checkInUse();
    return copies(this.#velocities);
  }

  async setVelocities(values: ReadonlyMap<string, ParameterValues>): Promise<void> {
    this.checkInUse();
    checkNamedValues(this.name, this.parameterShapes, values);
    this.#velocities = new Map([...this.#velocities, ...copies(values)]);
  }

  async statistics(): Promise<ReadonlyMap<string, ParameterValues>> {
    this.checkInUse();
    return copies(networkStatistics(this.network));
  }

  async setStatistics(values: ReadonlyMap<string, ParameterValues>): Promise<void> {
    this.checkInUse();
    const shapes = [...networkStatistics(this.network)].map(([name, { shape }]) => [name, shape] as const);
    checkNamedValues(this.name, new Map(shapes), values);
    this.#assign(copies(values));
  }

  override async dispose(): Promise<void> {
    this.#velocities = new Map();
    await super.dispose();
  }

  #assign(values: ReadonlyMap<string, Tensor>): void {
    if (values.size > 0) this.replaceNetwork(withParameters(this.network, values));
  }

  #run(samples: LabeledBatch, options: GradientOptions): RunGradients {
    checkFiniteValues(this.name, samples.batch.data, 'samples');
    return lossGradients(this.network, samples, options);
  }

  #checkBatch({ batch, targets }: LabeledBatch): void {
    this.checkInUse();
    const { rows } = batch;
    checkMatrix(this.name, batch, { rows, columns: this.sampleSize, what: 'samples' });
    checkMatrix(this.name, targets, { rows, columns: this.dOut, what: 'targets' });
  }
}

function tensorsOf(network: Network): ReadonlyMap<string, Tensor> {
  return new Map([...networkParameters(network), ...networkStatistics(network)]);
}

function copies(tensors: ReadonlyMap<string, ParameterValues>): ReadonlyMap<string, Tensor> {
  return new Map(
    [...tensors].map(([name, { shape, data }]) => [name, { shape, data: Float64Array.from(data) }]),
  );
}
