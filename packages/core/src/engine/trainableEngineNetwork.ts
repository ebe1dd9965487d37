import type { DenseMatrix, FloatArray } from '@edjm/linalg';
import type {
  GradientOptions,
  JacobianProduct,
  LossGradients,
  ParameterValues,
  StepOptions,
  StepResult,
  TrainableNetwork,
} from '../contracts/trainable.ts';
import { checkFiniteValues, checkGradients, checkNamedValues, knownShape } from '../training/namedValues.ts';
import { checkGradientOptions, completeStepOptions } from '../training/stepOptions.ts';
import { checkedLoss } from './checkedLoss.ts';
import { EngineNetwork } from './engineNetwork.ts';
import { inPrecision, valueCount, zeros } from './runs.ts';
import type { LabeledBatch, StackedProducts, RawTrainableNetwork } from './rawTrainableNetwork.ts';

/** Makes a `TrainableNetwork` of an engine's raw training steps: see {@link RawTrainableNetwork}. */
export function trainableEngineNetwork(raw: RawTrainableNetwork): TrainableNetwork {
  return new TrainableEngineNetwork(raw);
}

class TrainableEngineNetwork extends EngineNetwork implements TrainableNetwork {
  readonly #raw: RawTrainableNetwork;

  constructor(raw: RawTrainableNetwork) {
    super(raw);
    this.#raw = raw;
  }

  get parameterShapes(): ReadonlyMap<string, readonly number[]> {
    return this.#raw.parameters.shapes;
  }

  step(batch: DenseMatrix, targets: DenseMatrix, options: StepOptions): Promise<StepResult> {
    return this.call(() => {
      const complete = completeStepOptions(this.name, options);
      const labeled = this.#labeled(batch, targets);
      const addedGradients = this.#added(options.addedGradients);
      return this.#raw.step(labeled, {
        ...complete,
        loss: checkedLoss(this.name, complete.loss, targets),
        ...(addedGradients && { addedGradients }),
      });
    });
  }

  gradients(batch: DenseMatrix, targets: DenseMatrix, options: GradientOptions = {}): Promise<LossGradients> {
    return this.call(() => {
      checkGradientOptions(this.name, options);
      const loss = checkedLoss(this.name, options.loss ?? 'cross-entropy', targets);
      return this.#raw.gradients(this.#labeled(batch, targets), { ...options, loss });
    });
  }

  jacobianGradients(
    batch: DenseMatrix,
    products: readonly JacobianProduct[],
  ): Promise<ReadonlyMap<string, FloatArray>> {
    return this.call(async () => {
      this.checkSamples(batch);
      for (const { cotangents, tangents } of products) {
        this.checkVectors(cotangents, { rows: batch.rows, columns: this.dOut, of: 'cotangents' });
        this.checkVectors(tangents, { rows: batch.rows, columns: this.dIn, of: 'tangents' });
      }
      if (products.length === 0 || this.parameterShapes.size === 0) return this.#zeroGradients();
      const found = await this.#raw.jacobianGradients(this.#matrix(batch), this.#stacked(products));
      checkGradients(this.name, found);
      return found;
    });
  }

  parameters(names?: readonly string[]): Promise<ReadonlyMap<string, ParameterValues>> {
    return this.call(() => {
      for (const name of names ?? []) knownShape(this.name, this.parameterShapes, name);
      return this.#raw.parameters.read(names ?? [...this.parameterShapes.keys()]);
    });
  }

  setParameters(values: ReadonlyMap<string, ParameterValues>, keepMomentum = false): Promise<void> {
    const { parameters, velocities } = this.#raw;
    return this.call(async () => {
      parameters.write(this.#checked(values, parameters.shapes));
      if (!keepMomentum) velocities.clear(values.keys());
    });
  }

  velocities(): Promise<ReadonlyMap<string, ParameterValues>> {
    return this.call(() => this.#raw.velocities.read());
  }

  setVelocities(values: ReadonlyMap<string, ParameterValues>): Promise<void> {
    return this.call(async () => {
      this.#raw.velocities.write(this.#checked(values, this.parameterShapes));
    });
  }

  statistics(): Promise<ReadonlyMap<string, ParameterValues>> {
    const { statistics } = this.#raw;
    return this.call(() => statistics.read([...statistics.shapes.keys()]));
  }

  setStatistics(values: ReadonlyMap<string, ParameterValues>): Promise<void> {
    const { statistics } = this.#raw;
    return this.call(async () => {
      statistics.write(this.#checked(values, statistics.shapes));
    });
  }

  /** Values whose names, shapes and numbers were checked. */
  #checked(
    values: ReadonlyMap<string, ParameterValues>,
    shapes: ReadonlyMap<string, readonly number[]>,
  ): ReadonlyMap<string, ParameterValues> {
    checkNamedValues(this.name, shapes, values);
    for (const [name, { data }] of values) checkFiniteValues(this.name, data, `values for ${name}`);
    return values;
  }

  /** Gradients to add to those of the loss, checked and in the engine's precision. */
  #added(gradients: StepOptions['addedGradients']): StepOptions['addedGradients'] {
    if (gradients === undefined) return undefined;
    const values = new Map(
      [...gradients].map(([name, data]) => {
        const shape = knownShape(this.name, this.parameterShapes, name);
        return [name, { shape, data }] as const;
      }),
    );
    checkNamedValues(this.name, this.parameterShapes, values);
    checkGradients(this.name, gradients);
    return new Map([...gradients].map(([name, data]) => [name, inPrecision(this.#raw, data)]));
  }

  /** A batch and its targets, checked and in the engine's precision. */
  #labeled(batch: DenseMatrix, targets: DenseMatrix): LabeledBatch {
    this.checkSamples(batch);
    this.checkVectors(targets, { rows: batch.rows, columns: this.dOut, of: 'targets' });
    checkFiniteValues(this.name, batch.data, 'samples');
    return { batch: this.#matrix(batch), targets: this.#matrix(targets) };
  }

  #matrix({ rows, columns, data }: DenseMatrix): DenseMatrix {
    return { rows, columns, data: inPrecision(this.#raw, data) };
  }

  #stacked(products: readonly JacobianProduct[]): StackedProducts {
    return {
      count: products.length,
      cotangents: this.#joined(products.map(({ cotangents }) => cotangents)),
      tangents: this.#joined(products.map(({ tangents }) => tangents)),
    };
  }

  /** Matrices of one shape, one after the other. */
  #joined(matrices: readonly DenseMatrix[]): FloatArray {
    const length = matrices[0]?.data.length ?? 0;
    const joined = zeros(this.#raw, matrices.length * length);
    for (const [place, { data }] of matrices.entries()) joined.set(data, place * length);
    return joined;
  }

  #zeroGradients(): ReadonlyMap<string, FloatArray> {
    return new Map(
      [...this.parameterShapes].map(([name, shape]) => [name, zeros(this.#raw, valueCount(shape))]),
    );
  }
}
