import { EdjmError, type Head, isWorthNarrowing, type NamedTensor } from '@edjm/core';
import { narrowestAffine } from './affinePrefix.ts';
import { explainGraph, type GraphStep } from '../graph/explain.ts';
import { differentiate } from '../differentiate/differentiate.ts';
import { checkSteps } from '../differentiate/refusals.ts';
import { checkReal, checkTensor, checkedPrecision, onlyInput, onlyOutput } from './chosenTensor.ts';
import { rowAxis, toFront } from './batchAxis.ts';
import { type BatchGraph, finished } from './batchGraph.ts';
import { addGramBlocks, emptyGraph } from './gram.ts';
import type { Graph, Node } from '../model/graph.ts';
import { GraphBuilder } from '../graph/graphBuilder.ts';
import { coveredOperators, straightThroughOperators } from '../operators/index.ts';
import { findHead } from './head/findHead.ts';
import { isHidden } from './head/isHidden.ts';
import { namedTensors } from './namedTensors.ts';
import { addNearKinks } from './nearKinks.ts';
import type { NetworkGraphOptions } from './networkGraphOptions.ts';
import {
  addFixedInputs,
  addSampleInputs,
  commonBatchSize,
  sampleInputs,
  type InputOptions,
  type SampleInput,
} from './sampleInputs.ts';
import { tensorNames } from './tensorNames.ts';
import { sizeOf, valuesOf } from '../model/tensor.ts';

/** The cost of a tensor besides its values: of two sets with as many values, the one with fewer tensors is chosen. */
const TENSOR_COST = 2 ** -16;
/** The most tensors that the values of an affine map may lie in: each has a graph of its own. */
const MOST_TENSORS = 32;

/** A network in two parts, one after the other: see {@link NetworkGraph.narrowed}. */
export interface NarrowedGraph {
  /** The parts of t = W x + b, side by side, as functions of x. */
  readonly first: readonly NetworkGraph[];
  /** The outputs as a function of t. It takes the samples that the whole network takes. */
  readonly rest: NetworkGraph;
}

/**
 * A model as a function of one sample, with one output and one tensor to differentiate it with respect to. It writes
 * graphs for any batch size: the function itself, its vector-Jacobian products, and the Gram matrices of EDJM rows.
 */
export class NetworkGraph {
  readonly name: string;
  /** The inputs that come with each sample. */
  readonly inputs: readonly SampleInput[];
  /** Shape of one sample. Several inputs stand side by side, as one vector. */
  readonly inputShape: readonly number[];
  /** Values in one sample. */
  readonly sampleSize: number;
  /** d_in, the width of a row: values for one sample of the tensor to differentiate with respect to. */
  readonly dIn: number;
  /** d_out, the number of outputs. */
  readonly dOut: number;
  /** What the output ends in: the graphs give the values in front of it. */
  readonly head: Head;
  /** The element type of the output and of the tensor to differentiate with respect to. */
  readonly precision: 'float32' | 'float64';
  /** The only batch size that the model was exported for, or runs with; undefined if it takes any. */
  readonly fixedBatchSize: number | undefined;
  readonly #graph: Graph;
  readonly #variables: readonly string[];
  readonly #output: string;
  readonly #inputOptions: InputOptions;
  readonly #options: NetworkGraphOptions;
  /** Where the batch stands in the tensors of interest, once that is known. */
  readonly #axes = new Map<string, number>();

  constructor(graph: Graph, options: NetworkGraphOptions = {}) {
    this.name = options.name ?? 'the model';
    const { fixed = {}, inputShape = {}, batchAxis, dataShape } = options;
    const values = new Map(Object.entries(fixed));
    this.#inputOptions = { model: this.name, fixed: values, inputShape, batchAxis, dataShape };
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
    const { n, builder } = this.#naming(() => this.#firstBuilder());
    if (n === 1) this.fixedBatchSize = 1;
    const { outputs, head } = this.#naming(() => this.#flatOutputs(builder, n));
    const types = this.#naming(() =>
      this.#variables.map((variable) => this.#variableType(builder, { variable, n })),
    );
    this.precision = types[0]?.precision ?? this.precision;
    this.dIn = types.reduce((sum, { dIn }) => sum + dIn, 0);
    this.dOut = builder.shape(outputs)[1] ?? 0;
    this.head = head;
  }

  /**
   * The same function for any batch size, if the model was exported for a fixed one: constant shapes that begin with
   * that size begin with the new one instead. Only a run can tell whether it still is the same function: compare the
   * outputs before you use it.
   *
   * @returns undefined if the graph does not allow it, as when the batch size is part of the computation.
   */
  withFreeBatch(): NetworkGraph | undefined {
    if (this.fixedBatchSize === undefined || this.inputs.some(({ batchAxis }) => batchAxis === undefined))
      return undefined;
    try {
      return new NetworkGraph(this.#graph, { ...this.#options, replacedBatchSize: this.fixedBatchSize });
    } catch (error) {
      if (EdjmError.is(error)) return undefined;
      throw error;
    }
  }

  /**
   * The network in two parts, if every path from x to the output passes through tensors t = W x + b that are affine
   * in x, sample by sample, and have so few values that it {@link isWorthNarrowing}. Of several such sets it is the
   * one with the fewest values. Nothing is run: the shape of t says that samples do not mix on the way to it, and
   * only a run can confirm that.
   *
   * @returns undefined if there is no such t.
   */
  narrowed(): NarrowedGraph | undefined {
    const n = this.#probeSize;
    const { builder, outputs } = this.#builder(n);
    const sizes = this.#sampleSizes(builder, n);
    const others =
      this.fixedBatchSize === undefined ? this.#sampleSizes(this.#builder(n + 1).builder, n + 1) : sizes;
    const names = [...sizes.keys()].filter((name) => others.get(name) === sizes.get(name));
    // The first of several names for one tensor.
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
      first: parts.map((output) => part({ input: this.#variables, output })),
      rest: part({ input: parts, output: this.#output }),
    };
  }

  /** f: batch [n, sampleSize] → outputs [n, dOut]. A free n is at least 2, as some shapes lose an axis of size 1. */
  forwardGraph(n: number): BatchGraph {
    const { builder, outputs } = this.#builder(n);
    return finished(builder, [builder.nameOutput(tensorNames.outputs, outputs)]);
  }

  /**
   * Which samples have a unit or a pooling window within rounding of its kink: batch [n, sampleSize] → [n, 1], 1 for those.
   *
   * @returns undefined if the network has no kinks.
   */
  nearKinksGraph(n: number): BatchGraph | undefined {
    const { builder, outputs } = this.#builder(n);
    const flags = addNearKinks(builder, { output: outputs, variables: this.#variables, n });
    return flags === undefined
      ? undefined
      : finished(builder, [builder.nameOutput(tensorNames.nearKinks, flags)]);
  }

  /** K vector-Jacobian products a sample: batch [n, sampleSize], cotangents [K, n, dOut] → rows [K, n, dIn]. */
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

  /** The steps of that graph: for each node of the model, and for its derivative, the nodes that run. */
  explain(n: number, k: number): readonly GraphStep[] {
    const { builder, rows } = this.#rows(n, k);
    return explainGraph(builder, builder.build(addGramBlocks(builder, rows, tensorNames.gram)));
  }

  /** The tensors between the input and the output, which options may name. Their axis of samples is called n. */
  namedTensors(): readonly NamedTensor[] {
    const n = this.#probeSize;
    const { builder } = this.#builder(n);
    const names = this.#graph.nodes.flatMap((node) => node.outputs);
    const axisOf = (name: string) => (this.#isBatched(builder, name, n) ? this.#axis(builder, name, n) : -1);
    return namedTensors(builder, { names, variables: this.#variables, output: this.#output, axisOf });
  }

  /** The Gram matrices of given rows, [K, n, dIn]: those of several runs together, so that the products are not thin. */
  gramOfRowsGraph(n: number, k: number): BatchGraph {
    const builder = new GraphBuilder(emptyGraph, coveredOperators);
    const rows = builder.addInput(tensorNames.rows, {
      elementType: this.precision,
      shape: [k, n, this.dIn],
    });
    return finished(builder, addGramBlocks(builder, rows, tensorNames.gram));
  }

  /**
   * A batch size to probe with. It is neither 1 nor the replaced one, which would hide shapes that hold for no other
   * size.
   */
  get #probeSize(): number {
    return this.fixedBatchSize ?? (this.#options.replacedBatchSize ?? 1) + 1;
  }

  /**
   * The number of values in one sample of each tensor that has a row for each of n samples, in the precision of the
   * rows.
   */
  #sampleSizes(builder: GraphBuilder, n: number): ReadonlyMap<string, number> {
    const names = this.#graph.nodes.flatMap(({ outputs }) => outputs);
    const rows = names.filter((name) => {
      if (!builder.knows(name) || builder.lists.has(builder.resolve(name))) return false;
      const { elementType, shape } = builder.type(name);
      return elementType === this.precision && (shape[0] === n || n === 1) && sizeOf(shape) > 0;
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
    checkSteps(builder, outputs, this.#variables);
    const products = differentiate(builder, {
      output: outputs,
      inputs: this.#variables,
      cotangents,
      independent: true,
    });
    const rows = builder.provenance.during({ pass: 'reverse' }, () => {
      const flat = products.map((name, place) => {
        const axis = this.#axis(builder, this.#variables[place] ?? '', n) ?? 0;
        const size = sizeOf(builder.shape(name)) / (k * n);
        return builder.reshape(toFront(builder, name, { axis: axis + 1, front: 1 }), [k, n, size]);
      });
      const [only = '', ...others] = flat;
      return others.length === 0 ? only : builder.concat(flat, 2);
    });
    return { builder, rows };
  }

  /** Puts the model's name in front of errors about one of its nodes. */
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
    const builder = this.#nodes(n);
    return { builder, outputs: this.#flatOutputs(builder, n).outputs };
  }

  /** A graph to probe, for several samples; for one if the model takes any batch size, but has no form for another one. */
  #firstBuilder(): { readonly n: number; readonly builder: GraphBuilder } {
    const n = this.#probeSize;
    if (this.fixedBatchSize !== undefined || this.#options.replacedBatchSize !== undefined)
      return { n, builder: this.#nodes(n) };
    try {
      const builder = this.#nodes(n);
      if (!this.#isRowOfAll(builder, n)) return { n, builder };
    } catch (error) {
      const alone = EdjmError.is(error) ? this.#aloneBuilder() : undefined;
      if (alone === undefined) throw error;
      return { n: 1, builder: alone };
    }
    return { n: 1, builder: this.#nodes(1) };
  }

  #aloneBuilder(): GraphBuilder | undefined {
    try {
      return this.#nodes(1);
    } catch (error) {
      if (EdjmError.is(error)) return undefined;
      throw error;
    }
  }

  /** Whether the output has the values of all samples in one row. */
  #isRowOfAll(builder: GraphBuilder, n: number): boolean {
    if (!builder.knows(this.#output)) return false;
    const shape = builder.shape(this.#output);
    if (shape.includes(n) || sizeOf(shape) % n > 0) return false;
    const alone = this.#aloneBuilder();
    return alone?.knows(this.#output) === true && n * sizeOf(alone.shape(this.#output)) === sizeOf(shape);
  }

  #nodes(n: number): GraphBuilder {
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
    return builder;
  }

  /** The node with the new batch size in the shape that it reshapes to, if that shape begins with the replaced one. */
  #rebatched(builder: GraphBuilder, node: Node, n: number): Node {
    const { replacedBatchSize } = this.#options;
    const [x = '', target = ''] = node.inputs;
    const shape = builder.constantValue(target);
    const isOfBatch = node.opType === 'Reshape' && builder.constantValue(x) === undefined;
    if (replacedBatchSize === undefined || !isOfBatch || shape === undefined) return node;
    const [first, ...rest] = valuesOf(shape);
    return first === replacedBatchSize ? { ...node, inputs: [x, builder.ints([n, ...rest])] } : node;
  }

  #flatOutputs(builder: GraphBuilder, n: number): { outputs: string; head: Head } {
    const output = this.#output;
    const choice = { role: 'output', ...this.#choice(builder, n), ends: this.#variables } as const;
    checkTensor(builder, output, choice);
    checkReal(builder, output, choice);
    this.#checkBatched(builder, output, { role: 'output', n });
    const axis = this.#axis(builder, output, n) ?? 0;
    const rows = toFront(builder, output, { axis, front: 0 });
    const { straightThrough } = this.#options;
    const isInside = isHidden(this.#graph, output);
    const { head, logits } = findHead(builder, rows, { n, straightThrough, isInside });
    return { head, outputs: logits };
  }

  /** The precision and the values in one sample of a tensor to differentiate with respect to. */
  #variableType(
    builder: GraphBuilder,
    { variable, n }: { readonly variable: string; readonly n: number },
  ): { readonly precision: 'float32' | 'float64'; readonly dIn: number } {
    checkTensor(builder, variable, { role: 'input', ...this.#choice(builder, n), ends: [this.#output] });
    this.#checkBatched(builder, variable, { role: 'input', n });
    const precision = checkedPrecision(builder, variable, { graph: this.#graph, output: this.#output });
    return { precision, dIn: sizeOf(builder.shape(variable)) / n };
  }

  #choice(builder: GraphBuilder, n: number) {
    return { graph: this.#graph, isBatched: (name: string) => this.#isBatched(builder, name, n) };
  }

  #isBatched(builder: GraphBuilder, name: string, n: number): boolean {
    return n === 1 || (this.#axis(builder, name, n) !== undefined && sizeOf(builder.shape(name)) > 0);
  }

  #checkBatched(
    builder: GraphBuilder,
    name: string,
    { role, n }: { readonly role: string; readonly n: number },
  ): void {
    if (this.#isBatched(builder, name, n)) return;
    const shape = builder.shape(name);
    throw new EdjmError(
      'UNSUPPORTED',
      `expected an ${role} "${name}" of one row for each of ${String(n)} samples, got the shape [${shape.join(', ')}]. Choose another one by the option '${role}' (--${role} NAME), or export the network for a batch of 1.`,
    );
  }

  /** Where the batch stands in a tensor; undefined if it has no axis of that size, or is that of one sample. */
  #axis(builder: GraphBuilder, name: string, n: number): number | undefined {
    if (n === 1) return undefined;
    const shape = builder.shape(name);
    const known = this.#axes.get(name);
    if (known !== undefined) return shape[known] === n ? known : undefined;
    const { batchAxis: usual = 0 } = this.#options;
    const isFree = this.fixedBatchSize === undefined;
    const larger = () => (isFree ? this.#nodes(n + 1).shape(name) : undefined);
    const found = rowAxis(shape, { n, usual, larger });
    if (found !== undefined) this.#axes.set(name, found);
    return found;
  }
}
