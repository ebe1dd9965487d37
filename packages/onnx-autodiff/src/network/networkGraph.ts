import { EdjmError, isWorthNarrowing, type OutputKind } from '@edjm/core';
import { narrowestAffine } from './affinePrefix.ts';
import { explainGraph, type GraphStep } from '../graph/explain.ts';
import { dependsOn, differentiate } from '../differentiate/differentiate.ts';
import { checkTensor, inFront, onlyInput, onlyOutput } from './chosenTensor.ts';
import { addGramBlocks, emptyGraph } from './gram.ts';
import type { Graph, Node } from '../model/graph.ts';
import { GraphBuilder } from '../graph/graphBuilder.ts';
import { coveredOperators, straightThroughOperators } from '../operators/index.ts';
import { outputOfKind } from './outputKind.ts';
import { peakActivationBytes } from '../graph/peakActivation.ts';
import {
  addFixedInputs,
  addSampleInputs,
  commonBatchSize,
  sampleInputs,
  type FixedValue,
  type InputOptions,
  type SampleInput,
} from './sampleInputs.ts';
import { isFloating, sizeOf, valuesOf } from '../model/tensor.ts';

/** Names of the inputs and outputs of the graphs that a {@link NetworkGraph} writes. */
export const tensorNames = {
  /** n × d_in samples. */
  batch: 'edjm/batch',
  /** K × n × d_out. */
  cotangents: 'edjm/cotangents',
  /** n × d_out. */
  outputs: 'edjm/outputs',
  /** K × n × d_in. */
  rows: 'edjm/rows',
  /** K × d_in × d_in, in blocks that have this name and a number. */
  gram: 'edjm/gram',
} as const;

/** Which function of the model is meant. */
export interface NetworkGraphOptions {
  /** For messages. Defaults to `'the model'`. */
  readonly name?: string;
  /**
   * The tensor to differentiate with respect to: an input, or a tensor inside the model, such as the output of an
   * embedding. The values of several stand side by side, each as if it did not depend on the others. Defaults to the only input of real numbers.
   */
  readonly input?: string | readonly string[];
  /** The tensor to differentiate: an output, or a hidden layer. Defaults to the only output. */
  readonly output?: string;
  /** Shape of one sample, for all inputs or by name, where the model leaves more than the batch open. */
  readonly inputShape?: readonly number[] | Readonly<Record<string, readonly number[]>>;
  /** Defaults to `'logit'`. */
  readonly outputKind?: OutputKind;
  /** Values, by name, of inputs that samples do not bring. */
  readonly fixed?: Readonly<Record<string, FixedValue>>;
  /**
   * Whether what rounds, such as quantization, passes derivatives on as if it did not, where the rounded value is within
   * its range. Defaults to false: a network whose numbers are rounded on the way is refused.
   */
  readonly straightThrough?: boolean;
  /** Initializers whose values every run is given, as parameters in training: inputs of the graphs, by their names. */
  readonly parameters?: readonly string[];
  /** A fixed batch size that the graph is to be freed of; see {@link NetworkGraph.withFreeBatch}. */
  readonly replacedBatchSize?: number;
}

/** A graph that computes something of a batch of n samples, and the bytes that its run holds at its peak. */
export interface BatchGraph {
  readonly graph: Graph;
  readonly workspaceBytes: number;
}

/** Of affine tensors with as many values those are chosen that are fewer. */
const TENSOR_COST = 2 ** -16;
/** Tensors that the values of an affine map may lie in: each is a graph of its own. */
const MOST_TENSORS = 32;

/** A network in two parts, one after the other: see {@link NetworkGraph.narrowed}. */
export interface NarrowedGraph {
  /** The parts of t = W x + b, side by side, as functions of x. */
  readonly first: readonly NetworkGraph[];
  /** The outputs as a function of t; it takes the samples that the whole network takes. */
  readonly rest: NetworkGraph;
}

/**
 * A model as a function of what one sample brings, with one output and one tensor to differentiate it with respect to, from which graphs for any batch size are written: the function
 * itself, its vector-Jacobian products, and the Gram matrices of EDJM rows.
 */
export class NetworkGraph {
  readonly name: string;
  /** The inputs that samples bring. */
  readonly inputs: readonly SampleInput[];
  /** Shape of one sample; that of several inputs is their length side by side. */
  readonly inputShape: readonly number[];
  /** Values in one sample. */
  readonly sampleSize: number;
  /** d_in: values of the tensor that is differentiated with respect to, for one sample. */
  readonly dIn: number;
  /** d_out. */
  readonly dOut: number;
  readonly outputKind: OutputKind;
  /** The element type of the output and of what it is differentiated with respect to. */
  readonly precision: 'float32' | 'float64';
  /** The only batch size that the model was exported for, where it was. */
  readonly fixedBatchSize: number | undefined;
  readonly #graph: Graph;
  readonly #variables: readonly string[];
  readonly #output: string;
  readonly #inputOptions: InputOptions;
  readonly #options: NetworkGraphOptions;

  constructor(graph: Graph, options: NetworkGraphOptions = {}) {
    this.name = options.name ?? 'the model';
    this.outputKind = options.outputKind ?? 'logit';
    const { fixed = {}, inputShape = {} } = options;
    this.#inputOptions = { model: this.name, fixed: new Map(Object.entries(fixed)), inputShape };
    this.#options = options;
    this.#graph = graph;
    this.inputs = sampleInputs(graph.inputs, this.#inputOptions);
    this.#variables = [options.input ?? onlyInput(graph, this.inputs, this.name)].flat();
    this.#output = options.output ?? onlyOutput(graph, this.name);
    const common = commonBatchSize(this.name, this.inputs);
    this.fixedBatchSize = options.replacedBatchSize === undefined ? common : undefined;
    this.sampleSize = this.inputs.reduce((sum, { size }) => sum + size, 0);
    const [only, ...others] = this.inputs;
    this.inputShape = only !== undefined && others.length === 0 ? only.shape : [this.sampleSize];
    this.precision = this.inputs.some(({ elementType }) => elementType === 'float64') ? 'float64' : 'float32';
    const n = this.#probeSize;
    const probe = this.#builder(n);
    const types = this.#naming(() =>
      this.#variables.map((variable) => this.#variableType(probe.builder, { variable, n })),
    );
    this.precision = types[0]?.precision ?? this.precision;
    this.dIn = types.reduce((sum, { dIn }) => sum + dIn, 0);
    this.dOut = probe.builder.shape(probe.outputs)[1] ?? 0;
  }

  /**
   * The same function for any batch size, where a model was exported for a fixed one: constant shapes that begin with
   * that size begin with the new one instead. Whether it still is the same function only a run can tell: compare
   * their outputs before it is used.
   *
   * @returns undefined where the graph does not allow it, as where the batch size is part of the computation.
   */
  withFreeBatch(): NetworkGraph | undefined {
    if (this.fixedBatchSize === undefined || !this.inputs.every(({ hasBatchAxis }) => hasBatchAxis))
      return undefined;
    try {
      return new NetworkGraph(this.#graph, { ...this.#options, replacedBatchSize: this.fixedBatchSize });
    } catch (error) {
      if (EdjmError.is(error)) return undefined;
      throw error;
    }
  }

  /**
   * The network in two parts where every way from x to the output passes through t = W x + b, tensors of the model that are
   * affine in x sample by sample and together have so few values that it {@link isWorthNarrowing}: the fewest. Nothing
   * is run: that samples do not mix on the way to t is taken from its shape, and can be told by a run alone.
   *
   * @returns undefined where there is no such t.
   */
  narrowed(): NarrowedGraph | undefined {
    const n = this.#probeSize;
    const { builder, outputs } = this.#builder(n);
    const sizes = this.#sampleSizes(builder, n);
    const others =
      this.fixedBatchSize === undefined ? this.#sampleSizes(this.#builder(n + 1).builder, n + 1) : sizes;
    const names = [...sizes.keys()].filter((name) => others.get(name) === sizes.get(name));
    // Of several names for one tensor the first.
    const named = new Map(names.toReversed().map((name) => [builder.resolve(name), name]));
    const size = (name = '') => sizes.get(name) ?? Infinity;
    const costs = new Map([...named].map(([tensor, name]) => [tensor, size(name) + TENSOR_COST]));
    const t = narrowestAffine(builder, { inputs: this.#variables, output: outputs, costs });
    const parts = t?.map((tensor) => named.get(tensor) ?? '') ?? [];
    const h = parts.reduce((sum, name) => sum + size(name), 0);
    if (h === 0 || parts.length > MOST_TENSORS || !isWorthNarrowing(h, this.dIn)) return undefined;
    const part = (options: NetworkGraphOptions) =>
      new NetworkGraph(this.#graph, { ...this.#options, ...options });
    return {
      first: parts.map((output) => part({ input: this.#variables, output, outputKind: 'logit' })),
      rest: part({ input: parts, output: this.#output }),
    };
  }

  /** f: batch [n, sampleSize] → outputs [n, d_out]; n is at least 2 where it is free, as some shapes lose an axis of size 1. */
  forwardGraph(n: number): BatchGraph {
    const { builder, outputs } = this.#builder(n);
    return finished(builder, [builder.nameOutput(tensorNames.outputs, outputs)]);
  }

  /** K vector-Jacobian products a sample: batch [n, sampleSize], cotangents [K, n, d_out] → rows [K, n, d_in]. */
  vjpGraph(n: number, k: number): BatchGraph {
    const { builder, rows } = this.#rows(n, k);
    return finished(builder, [builder.nameOutput(tensorNames.rows, rows)]);
  }

  /**
   * The Gram matrices Σ_i r_i r_iᵀ of those products in float64, as block rows of their lower triangles: batch,
   * cotangents → one output a block, [K, rows of the block, columns up to the diagonal].
   */
  gramGraph(n: number, k: number): BatchGraph {
    const { builder, rows } = this.#rows(n, k);
    return finished(builder, addGramBlocks(builder, rows, tensorNames.gram));
  }

  /** What that graph computes, step by step: for each node of the model, and for its derivative, the nodes that run. */
  explain(n: number, k: number): readonly GraphStep[] {
    const { builder, rows } = this.#rows(n, k);
    return explainGraph(builder, builder.build(addGramBlocks(builder, rows, tensorNames.gram)));
  }

  /** The same of rows that are given, [K, n, d_in]: those of several runs, so that the products are not thin. */
  gramOfRowsGraph(n: number, k: number): BatchGraph {
    const builder = new GraphBuilder(emptyGraph, coveredOperators);
    const rows = builder.addInput(tensorNames.rows, {
      elementType: this.precision,
      shape: [k, n, this.dIn],
    });
    return finished(builder, addGramBlocks(builder, rows, tensorNames.gram));
  }

  /** A size that is neither 1 nor the replaced one: shapes that are not those of any batch size show. */
  get #probeSize(): number {
    return this.fixedBatchSize ?? (this.#options.replacedBatchSize ?? 1) + 1;
  }

  /** For each tensor of the model with a row for each of n samples, in the precision of the rows, the values of one sample. */
  #sampleSizes(builder: GraphBuilder, n: number): ReadonlyMap<string, number> {
    const names = this.#graph.nodes.flatMap(({ outputs }) => outputs);
    const rows = names.filter((name) => {
      if (!builder.knows(name) || builder.lists.has(builder.resolve(name))) return false;
      const { elementType, shape } = builder.type(name);
      return elementType === this.precision && this.#isBatched(shape, n);
    });
    return new Map(rows.map((name) => [name, sizeOf(builder.shape(name)) / n]));
  }

  #rows(n: number, k: number): { builder: GraphBuilder; rows: string } {
    return this.#naming(() => this.#differentiated(n, k));
  }

  #differentiated(n: number, k: number): { builder: GraphBuilder; rows: string } {
    const { builder, outputs } = this.#builder(n);
    const cotangents = builder.addInput(tensorNames.cotangents, {
      elementType: this.precision,
      shape: [k, n, this.dOut],
    });
    const products = differentiate(builder, {
      output: outputs,
      inputs: this.#variables,
      cotangents,
      independent: true,
    });
    const rows = builder.provenance.during({ pass: 'reverse' }, () => {
      const flat = products.map((name) =>
        builder.reshape(name, [k, n, sizeOf(builder.shape(name)) / (k * n)]),
      );
      const [only = '', ...others] = flat;
      return others.length === 0 ? only : builder.concat(flat, 2);
    });
    return { builder, rows };
  }

  /** Puts the model's name before what is wrong with one of its nodes. */
  #naming<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (!EdjmError.is(error) || error.message.startsWith(this.name)) throw error;
      throw new EdjmError(error.code, `${this.name}: ${error.message}`, { cause: error });
    }
  }

  #builder(n: number): { builder: GraphBuilder; outputs: string } {
    return this.#naming(() => this.#specialized(n));
  }

  /** The graph with every shape known, for a batch of n samples. */
  #specialized(n: number): { builder: GraphBuilder; outputs: string } {
    const { straightThrough = false } = this.#options;
    const builder = new GraphBuilder(
      this.#graph,
      straightThrough ? straightThroughOperators : coveredOperators,
    );
    const elementType = this.precision;
    const batch = builder.addInput(tensorNames.batch, { elementType, shape: [n, this.sampleSize] });
    addSampleInputs(builder, batch, this.inputs);
    addFixedInputs(builder, this.#graph.inputs, { ...this.#inputOptions, n });
    for (const name of this.#options.parameters ?? []) builder.addInput(name, builder.type(name));
    for (const node of this.#graph.nodes) builder.addSourceNode(this.#rebatched(builder, node, n));
    return { builder, outputs: this.#flatOutputs(builder, n) };
  }

  /** The node with the batch size in the shape that it reshapes to, where that shape began with the replaced one. */
  #rebatched(builder: GraphBuilder, node: Node, n: number): Node {
    const { replacedBatchSize } = this.#options;
    const [x = '', target = ''] = node.inputs;
    const shape = builder.constantValue(target);
    const isOfBatch = node.opType === 'Reshape' && builder.constantValue(x) === undefined;
    if (replacedBatchSize === undefined || !isOfBatch || shape === undefined) return node;
    const [first, ...rest] = valuesOf(shape);
    return first === replacedBatchSize ? { ...node, inputs: [x, builder.ints([n, ...rest])] } : node;
  }

  #flatOutputs(builder: GraphBuilder, n: number): string {
    const output = this.#output;
    checkTensor(builder, output, { role: 'output', graph: this.#graph });
    const { elementType } = builder.type(output);
    if (!isFloating(elementType)) {
      throw new EdjmError(
        'UNSUPPORTED',
        `expected an output of real numbers, got ${elementType} for "${output}". Choose one by the option 'output' (--output NAME).`,
      );
    }
    this.#checkBatched(builder, output, { role: 'output', n });
    return outputOfKind(builder, output, { kind: this.outputKind, n });
  }

  /** What one sample of a tensor to differentiate with respect to holds. */
  #variableType(
    builder: GraphBuilder,
    { variable, n }: { readonly variable: string; readonly n: number },
  ): { readonly precision: 'float32' | 'float64'; readonly dIn: number } {
    checkTensor(builder, variable, { role: 'input', graph: this.#graph });
    this.#checkBatched(builder, variable, { role: 'input', n });
    const { elementType, shape } = builder.type(variable);
    const output = builder.type(this.#output).elementType;
    if (elementType !== 'float32' && elementType !== 'float64') {
      throw new EdjmError(
        'UNSUPPORTED',
        `expected an input of type float32 or float64, got ${elementType} for "${variable}". A network is differentiated with respect to real numbers: choose a tensor of them by the option 'input' (--input NAME)${inFront(this.#graph, builder)}.`,
      );
    }
    if (output !== elementType) {
      throw new EdjmError(
        'UNSUPPORTED',
        `expected an output of type ${elementType}, got ${output} for "${this.#output}".`,
      );
    }
    if (!dependsOn(builder, this.#output, variable)) {
      throw new EdjmError(
        'INVALID_ARGUMENT',
        `expected an output "${this.#output}" that depends on "${variable}", got one that does not. Choose an output behind that input.`,
      );
    }
    return { precision: elementType, dIn: sizeOf(shape) / n };
  }

  #checkBatched(
    builder: GraphBuilder,
    name: string,
    { role, n }: { readonly role: string; readonly n: number },
  ): void {
    const shape = builder.shape(name);
    if (this.#isBatched(shape, n)) return;
    throw new EdjmError(
      'UNSUPPORTED',
      `expected an ${role} "${name}" of one row for each of ${String(n)} samples, got the shape [${shape.join(', ')}].`,
    );
  }

  #isBatched(shape: readonly number[], n: number): boolean {
    const isSingle = n === 1 && !this.inputs.every(({ hasBatchAxis }) => hasBatchAxis);
    return (shape[0] === n || isSingle) && sizeOf(shape) > 0;
  }
}

function finished(builder: GraphBuilder, outputs: readonly string[]): BatchGraph {
  const graph = builder.build(outputs);
  return { graph, workspaceBytes: peakActivationBytes(builder, graph) };
}
