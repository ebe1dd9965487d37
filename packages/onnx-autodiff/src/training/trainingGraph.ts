import { onlyInput, onlyOutput } from '../network/chosenTensor.ts';
import { differentiate } from '../differentiate/differentiate.ts';
import type { Graph } from '../model/graph.ts';
import { GraphBuilder } from '../graph/graphBuilder.ts';
import { coveredOperators } from '../operators/index.ts';
import { findHead } from '../network/head/findHead.ts';
import { addSampleInputs, sampleInputs, type SampleInput } from '../network/sampleInputs.ts';
import { sizeOf } from '../model/tensor.ts';
import { addLoss, type NamedLoss } from './loss.ts';
import { addMomentumUpdate, type MomentumRule } from './momentumUpdate.ts';
import { nextOf, trainingNames } from './trainingNames.ts';

/** The part of a model that is trained, and the other inputs and outputs of a run. */
export interface TrainingGraphOptions {
  /** For messages. */
  readonly name: string;
  /** Initializers that are trained. */
  readonly parameters: readonly string[];
  /** Initializers that are inputs of every run but are not trained: stored statistics. */
  readonly given: readonly string[];
  /** Inputs besides the samples, with one row for each sample: masks of dropout. */
  readonly masks: readonly string[];
  /** Tensors that become outputs: statistics of the batch. */
  readonly handedOut: readonly string[];
}

/** A step of training, for {@link TrainingGraph.stepGraph}. */
export interface StepRule extends MomentumRule {
  readonly loss: NamedLoss;
}

/**
 * A model in training. It writes graphs for any batch size: a step of gradient descent with momentum, the gradients
 * alone, and the gradients of products with the Jacobian. Parameters and velocities are inputs and outputs of a run.
 */
export class TrainingGraph {
  readonly #graph: Graph;
  readonly #options: TrainingGraphOptions;
  readonly #input: SampleInput;
  readonly #output: string;

  constructor(graph: Graph, options: TrainingGraphOptions) {
    const inputs = graph.inputs.filter(({ name }) => !options.masks.includes(name));
    const samples = sampleInputs(inputs, { model: options.name, fixed: new Map(), inputShape: {} });
    this.#graph = graph;
    this.#options = options;
    const name = onlyInput(graph, samples, options.name);
    this.#input = samples.find((input) => input.name === name) as SampleInput;
    this.#output = onlyOutput({ ...graph, outputs: graph.outputs.slice(0, 1) }, options.name);
  }

  /**
   * A step: parameters and velocities by {@link trainingNames}, batch [n, sampleSize], targets [n, dOut], masks [n,
   * …], learning rate and decay → the loss, the tensors handed out, and the next parameters and velocities.
   */
  stepGraph(n: number, rule: StepRule): Graph {
    const { builder, outputs } = this.#forward(n);
    const { elementType } = builder.type(outputs);
    const scalar = { elementType, shape: [] };
    const rate = builder.addInput(trainingNames.rate, scalar);
    const decay = builder.addInput(trainingNames.decay, scalar);
    const { value, cotangents } = addLoss(builder, { loss: rule.loss, outputs });
    // Scaling the cotangents, which are few, saves a pass over the weights.
    const scaled = builder.mul(cotangents, builder.neg(rate));
    const changes = this.#gradients(builder, outputs, scaled);
    const next = this.#options.parameters.flatMap((parameter, index) => {
      const type = builder.type(parameter);
      const velocity = builder.addInput(trainingNames.velocity(parameter), type);
      const added = rule.added.includes(parameter)
        ? builder.addInput(trainingNames.added(parameter), type)
        : undefined;
      const moving = { parameter, velocity, change: changes[index] ?? '', added };
      const moved = addMomentumUpdate(builder, moving, { rule, rate, decay });
      return [
        builder.nameOutput(nextOf(parameter), moved.parameter),
        builder.nameOutput(nextOf(velocity), moved.velocity),
      ];
    });
    return builder.build([value, ...this.#handedOut(builder), ...next]);
  }

  /** batch, targets, masks → the loss, the gradient of every parameter, and the tensors handed out. */
  gradientGraph(n: number, loss: NamedLoss): Graph {
    const { builder, outputs } = this.#forward(n);
    const { value, cotangents } = addLoss(builder, { loss, outputs });
    const gradients = this.#gradients(builder, outputs, cotangents);
    return builder.build([value, ...this.#named(builder, gradients), ...this.#handedOut(builder)]);
  }

  /** batch, masks → the outputs in training mode. */
  outputGraph(n: number): Graph {
    const { builder, outputs } = this.#forward(n);
    return builder.build([builder.nameOutput(trainingNames.outputs, outputs)]);
  }

  /**
   * batch, cotangents [K, n, dOut], tangents [K, n, dIn] → the gradient of Σ c_kiᵀ J(x_i) t_ki with respect to every
   * parameter, by a second reverse pass through the first.
   */
  jacobianGradientGraph(n: number, k: number): Graph {
    const { builder, outputs, batch } = this.#forward(n);
    const { elementType } = builder.type(outputs);
    const [, dOut = 1] = builder.shape(outputs);
    const cotangents = builder.addInput(trainingNames.cotangents, { elementType, shape: [k, n, dOut] });
    const shape = [k, n, this.#input.size];
    const tangents = builder.addInput(trainingNames.tangents, { elementType, shape });
    const [rows = ''] = differentiate(builder, { output: outputs, inputs: [batch], cotangents });
    const weights = builder.reshape(tangents, [1, ...builder.shape(rows)]);
    const gradients = differentiate(builder, {
      output: rows,
      inputs: this.#options.parameters,
      cotangents: weights,
    });
    return builder.build(this.#named(builder, gradients));
  }

  /** The graph with parameters and masks as inputs, for a batch of n samples; its outputs are logits. */
  #forward(n: number): { readonly builder: GraphBuilder; readonly outputs: string; readonly batch: string } {
    const builder = new GraphBuilder(this.#graph, coveredOperators);
    const { elementType } = this.#input;
    const batch = builder.addInput(trainingNames.batch, { elementType, shape: [n, this.#input.size] });
    addSampleInputs(builder, batch, [this.#input]);
    for (const { name, shape = [] } of this.#graph.inputs) {
      if (!this.#options.masks.includes(name)) continue;
      builder.addInput(name, { elementType, shape: [n, ...shape.slice(1).map(Number)] });
    }
    const { parameters, given } = this.#options;
    for (const name of [...parameters, ...given]) builder.addInput(name, builder.type(name));
    for (const node of this.#graph.nodes) builder.addSourceNode(node);
    // A loss contains the softmax of its logits, and no sigmoid.
    const { head, logits } = findHead(builder, this.#output, { n });
    const isNormalized = head.groups !== undefined;
    const outputs = isNormalized ? logits : builder.reshape(this.#output, builder.shape(logits));
    return { builder, outputs, batch };
  }

  /** The gradients of Σ c_i f(x_i), in the shapes of the parameters. */
  #gradients(builder: GraphBuilder, outputs: string, cotangents: string): readonly string[] {
    const seeds = builder.reshape(cotangents, [1, ...builder.shape(outputs)]);
    const gradients = differentiate(builder, {
      output: outputs,
      inputs: this.#options.parameters,
      cotangents: seeds,
    });
    return gradients.map((name, index) =>
      builder.reshape(name, builder.shape(this.#options.parameters[index] ?? '')),
    );
  }

  #named(builder: GraphBuilder, gradients: readonly string[]): readonly string[] {
    return this.#options.parameters.map((parameter, index) =>
      builder.nameOutput(
        trainingNames.gradient(parameter),
        builder.reshape(gradients[index] ?? '', builder.shape(parameter)),
      ),
    );
  }

  #handedOut(builder: GraphBuilder): readonly string[] {
    return this.#options.handedOut.map((name) =>
      builder.nameOutput(trainingNames.handedOut(name), builder.reshape(name, [sizeOf(builder.shape(name))])),
    );
  }
}
