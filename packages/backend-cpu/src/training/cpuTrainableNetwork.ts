import {
  checkGradients,
  type CompleteStepOptions,
  type DenseMatrix,
  type GradientOptions,
  type LabeledBatch,
  type LossGradients,
  type NamedValues,
  type ParameterValues,
  type StackedProducts,
  type StepResult,
  type RawTrainableNetwork,
  type Velocities,
} from '@edjm/core';
import {
  type Network,
  networkParameters,
  networkStatistics,
  type Tensor,
  withoutSoftmax,
  withParameters,
} from '@edjm/network';
import { CpuNetwork } from '../cpuNetwork.ts';
import { descended } from './descent.ts';
import { jacobianGradients } from './jacobianGradients.ts';
import { lossGradients } from './lossGradients.ts';

/**
 * A network as data that trains, in float64. Its values never change. A step makes a network with new values, which
 * replaces the old one. So a step that fails leaves everything as it was.
 */
export class CpuTrainableNetwork extends CpuNetwork implements RawTrainableNetwork {
  readonly parameters: NamedValues = this.#values(networkParameters);
  readonly statistics: NamedValues = this.#values(networkStatistics);
  readonly velocities: Velocities = {
    read: async () => copies(this.#velocities),
    write: (values) => {
      this.#velocities = new Map([...this.#velocities, ...copies(values)]);
    },
    clear: (names) => {
      const cleared = new Set(names);
      this.#velocities = new Map([...this.#velocities].filter(([name]) => !cleared.has(name)));
    },
  };
  #velocities: ReadonlyMap<string, ParameterValues> = new Map();

  constructor(network: Network) {
    const logits = withoutSoftmax(network);
    // Gradients are kept by array: no two parameters may lie in one.
    super(
      withParameters(logits, copies(new Map([...networkParameters(logits), ...networkStatistics(logits)]))),
    );
  }

  async step(labeled: LabeledBatch, options: CompleteStepOptions): Promise<StepResult> {
    const { loss, gradients, statistics } = lossGradients(this.network, labeled, options);
    const parameters = networkParameters(this.network);
    const next = descended({ parameters, velocities: this.#velocities }, gradients, options);
    this.#assign(new Map([...next.parameters, ...statistics]));
    this.#velocities = next.velocities;
    return { loss };
  }

  async gradients(labeled: LabeledBatch, options: GradientOptions): Promise<LossGradients> {
    const { loss, gradients, statistics } = lossGradients(this.network, labeled, options);
    checkGradients(this.name, gradients);
    this.#assign(statistics);
    return { loss, gradients };
  }

  async jacobianGradients(
    batch: DenseMatrix,
    products: StackedProducts,
  ): Promise<ReadonlyMap<string, Float64Array>> {
    return jacobianGradients(this.network, batch, products);
  }

  override async dispose(): Promise<void> {
    this.#velocities = new Map();
  }

  #values(of: (network: Network) => ReadonlyMap<string, Tensor>): NamedValues {
    return {
      shapes: new Map([...of(this.network)].map(([name, { shape }]) => [name, shape])),
      read: async (names) => copies(new Map([...of(this.network)].filter(([name]) => names.includes(name)))),
      write: (values) => {
        this.#assign(copies(values));
      },
    };
  }

  #assign(values: ReadonlyMap<string, Tensor>): void {
    if (values.size > 0) this.replaceNetwork(withParameters(this.network, values));
  }
}

function copies(tensors: ReadonlyMap<string, ParameterValues>): ReadonlyMap<string, Tensor> {
  return new Map(
    [...tensors].map(([name, { shape, data }]) => [name, { shape, data: Float64Array.from(data) }]),
  );
}
