import { EdjmError, type OutputKind } from '@edjm/core';
import { differentiate } from './differentiate.ts';
import type { Graph, Node, ValueInfo } from './graph.ts';
import { GraphBuilder, peakActivationBytes } from './graphBuilder.ts';
import { cast } from './operators/cast.ts';
import { coveredOperators } from './operators/index.ts';
import { outputOfKind } from './outputKind.ts';
import { sizeOf, valuesOf, type Tensor } from './tensor.ts';

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

/** Blocks of a Gram matrix: with four of them 5/8 of the products are computed instead of all. */
const GRAM_BLOCKS = 4;
/** A block of fewer rows would make products too thin to be fast. */
const LEAST_BLOCK_ROWS = 64;

/** The rows of each block of a Gram matrix of the given order. */
export function gramBlocks(order: number): readonly { readonly first: number; readonly end: number }[] {
  const count = Math.max(1, Math.min(GRAM_BLOCKS, Math.floor(order / LEAST_BLOCK_ROWS)));
  const size = Math.ceil(order / count);
  return Array.from({ length: count }, (_, index) => ({
    first: index * size,
    end: Math.min(order, (index + 1) * size),
  }));
}

/** Which function of the model is meant. */
export interface NetworkGraphOptions {
  /** For messages. Defaults to `'the model'`. */
  readonly name?: string;
  /** The input to differentiate with respect to. Defaults to the only one. */
  readonly input?: string;
  /** The output to differentiate. Defaults to the only one. */
  readonly output?: string;
  /** Shape of one sample, needed where the model leaves more than the batch open. */
  readonly inputShape?: readonly number[];
  /** Defaults to `'logit'`. */
  readonly outputKind?: OutputKind;
  /** Values of the other inputs, by name. */
  readonly constants?: ReadonlyMap<string, Tensor>;
  /** A fixed batch size that the graph is to be freed of; see {@link NetworkGraph.withFreeBatch}. */
  readonly replacedBatchSize?: number;
}

/** A graph that computes something of a batch of n samples, and the bytes that its run holds at its peak. */
export interface BatchGraph {
  readonly graph: Graph;
  readonly workspaceBytes: number;
}

function chosen(
  values: readonly ValueInfo[],
  name: string | undefined,
  what: { readonly role: string; readonly model: string },
): ValueInfo {
  const names = values.map((value) => `"${value.name}"`).join(', ');
  if (name !== undefined) {
    const found = values.find((value) => value.name === name);
    if (found !== undefined) return found;
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `${what.model}: expected an ${what.role} among ${names}, got "${name}".`,
    );
  }
  const [only, ...others] = values;
  if (only !== undefined && others.length === 0) return only;
  throw new EdjmError(
    only === undefined ? 'INVALID_FILE' : 'AMBIGUOUS',
    `${what.model}: expected one ${what.role}, got ${names === '' ? 'none' : names}. Choose one by the option '${what.role}' (--${what.role} NAME).`,
  );
}

/**
 * A model as a function of one input and one output, from which graphs for any batch size are written: the function
 * itself, its vector-Jacobian products, and the Gram matrices of EDJM rows.
 */
export class NetworkGraph {
  readonly name: string;
  /** Shape of one sample. */
  readonly inputShape: readonly number[];
  /** d_in. */
  readonly inputSize: number;
  /** d_out. */
  readonly outputSize: number;
  readonly outputKind: OutputKind;
  /** The element type of input and output. */
  readonly precision: 'float32' | 'float64';
  /** The only batch size that the model was exported for, where it was. */
  readonly fixedBatchSize: number | undefined;
  readonly #graph: Graph;
  readonly #input: ValueInfo;
  readonly #output: ValueInfo;
  readonly #hasBatchAxis: boolean;
  readonly #constants: ReadonlyMap<string, Tensor>;
  readonly #options: NetworkGraphOptions;

  constructor(graph: Graph, options: NetworkGraphOptions = {}) {
    this.name = options.name ?? 'the model';
    this.#constants = options.constants ?? new Map();
    this.outputKind = options.outputKind ?? 'logit';
    const free = graph.inputs.filter(({ name }) => !this.#constants.has(name));
    this.#input = chosen(free, options.input, { role: 'input', model: this.name });
    const others = free.filter((input) => input !== this.#input).map(({ name }) => `"${name}"`);
    if (others.length > 0) {
      throw new EdjmError(
        'UNSUPPORTED',
        `${this.name}: expected a network of one input, got also ${others.join(', ')}. Export the network with the other inputs as constants.`,
      );
    }
    this.#output = chosen(graph.outputs, options.output, { role: 'output', model: this.name });
    this.#graph = graph;
    this.#options = options;
    const declared = this.#input.shape ?? [];
    // A model whose only axis has a fixed size takes one sample at a time, without a batch axis.
    this.#hasBatchAxis = declared.length > 1 || typeof declared[0] !== 'number';
    const batch = this.#hasBatchAxis ? declared[0] : 1;
    const isFixed = typeof batch === 'number' && batch > 0 && options.replacedBatchSize === undefined;
    this.fixedBatchSize = isFixed ? batch : undefined;
    this.inputShape = options.inputShape ?? this.#declaredSampleShape();
    this.inputSize = sizeOf(this.inputShape);
    this.precision = this.#elementType();
    // A size that is neither 1 nor the replaced one: shapes that are not those of any batch size show.
    const probe = this.#builder(this.fixedBatchSize ?? (options.replacedBatchSize ?? 1) + 1);
    this.outputSize = probe.builder.shape(probe.outputs)[1] ?? 0;
  }

  /**
   * The same function for any batch size, where a model was exported for a fixed one: constant shapes that begin with
   * that size begin with the new one instead. Whether it still is the same function only a run can tell: compare
   * their outputs before it is used.
   *
   * @returns undefined where the graph does not allow it, as where the batch size is part of the computation.
   */
  withFreeBatch(): NetworkGraph | undefined {
    if (this.fixedBatchSize === undefined || !this.#hasBatchAxis) return undefined;
    try {
      return new NetworkGraph(this.#graph, { ...this.#options, replacedBatchSize: this.fixedBatchSize });
    } catch (error) {
      if (EdjmError.is(error)) return undefined;
      throw error;
    }
  }

  /** f: batch [n, d_in] → outputs [n, d_out]; n is at least 2 where it is free, as some shapes lose an axis of size 1. */
  forwardGraph(n: number): BatchGraph {
    const { builder, outputs } = this.#builder(n);
    return finished(builder, [builder.nameOutput(tensorNames.outputs, outputs)]);
  }

  /** K vector-Jacobian products a sample: batch [n, d_in], cotangents [K, n, d_out] → rows [K, n, d_in]. */
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
    const wide = cast(builder, rows, 'float64');
    const columns = builder.emit('Transpose', [wide], { perm: { ints: [0, 2, 1] } });
    const outputs = gramBlocks(this.inputSize).map(({ first, end }, index) => {
      const upTo = (name: string, axis: number, range: { readonly first: number; readonly end: number }) =>
        range.first === 0 && range.end === this.inputSize
          ? name
          : builder.emit('Slice', [
              name,
              builder.ints([range.first]),
              builder.ints([range.end]),
              builder.ints([axis]),
            ]);
      const block = builder.emit('MatMul', [
        upTo(columns, 1, { first, end }),
        upTo(wide, 2, { first: 0, end }),
      ]);
      return builder.nameOutput(`${tensorNames.gram}/${String(index)}`, block);
    });
    return finished(builder, outputs);
  }

  #rows(n: number, k: number): { builder: GraphBuilder; rows: string } {
    return this.#naming(() => this.#differentiated(n, k));
  }

  #differentiated(n: number, k: number): { builder: GraphBuilder; rows: string } {
    const { builder, outputs } = this.#builder(n);
    const { elementType } = this.#input;
    const cotangents = builder.addInput(tensorNames.cotangents, {
      elementType,
      shape: [k, n, this.outputSize],
    });
    const [rows = ''] = differentiate(builder, { output: outputs, inputs: [tensorNames.batch], cotangents });
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
    const builder = new GraphBuilder(this.#graph, coveredOperators);
    const { elementType, name } = this.#input;
    const batch = builder.addInput(tensorNames.batch, { elementType, shape: [n, this.inputSize] });
    const shape = this.#hasBatchAxis ? [n, ...this.inputShape] : this.inputShape;
    builder.alias(name, builder.emit('Reshape', [batch, builder.ints(shape)]));
    for (const [constant, tensor] of this.#constants) builder.alias(constant, builder.constant(tensor));
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
    const { name } = this.#output;
    const { elementType, shape } = builder.type(name);
    if (elementType !== this.#input.elementType) {
      throw new EdjmError(
        'UNSUPPORTED',
        `${this.name}: expected an output of type ${this.#input.elementType}, got ${elementType} for "${name}".`,
      );
    }
    const batched = shape[0] === n || (n === 1 && !this.#hasBatchAxis);
    if (!batched || sizeOf(shape) === 0) {
      throw new EdjmError(
        'UNSUPPORTED',
        `${this.name}: expected an output "${name}" of one row for each of ${String(n)} samples, got the shape [${shape.join(', ')}].`,
      );
    }
    return outputOfKind(builder, name, { kind: this.outputKind, n });
  }

  #declaredSampleShape(): readonly number[] {
    const { name, shape } = this.#input;
    const sample = this.#hasBatchAxis ? shape?.slice(1) : shape;
    const known = sample?.filter((size) => typeof size === 'number' && size > 0);
    if (sample !== undefined && known?.length === sample.length) return known as readonly number[];
    const listed = shape?.map((size) => size ?? '?').join(', ') ?? 'no shape';
    throw new EdjmError(
      'AMBIGUOUS',
      `${this.name}: expected an input whose shape is known but for the batch, got "${name}" [${listed}]. Give the shape of one sample by the option 'inputShape' (--input-shape).`,
    );
  }

  #elementType(): 'float32' | 'float64' {
    const { elementType, name } = this.#input;
    if (elementType === 'float32' || elementType === 'float64') return elementType;
    throw new EdjmError(
      'UNSUPPORTED',
      `${this.name}: expected an input of type float32 or float64, got ${elementType} for "${name}". A network is differentiated with respect to real numbers.`,
    );
  }
}

function finished(builder: GraphBuilder, outputs: readonly string[]): BatchGraph {
  const graph = builder.build(outputs);
  return { graph, workspaceBytes: peakActivationBytes(builder, graph) };
}
