import { EdjmError } from '@edjm/core';
import { asWritten } from './asWritten.ts';
import { describeNode, operatorKey, type Attribute, type Graph, type Node } from '../model/graph.ts';
import type { Composite, Operator } from './operator.ts';
import { KnownNodes } from './knownNodes.ts';
import { Provenance } from './provenance.ts';
import { inferContext, rewriteContext } from './ruleContext.ts';
import { whyUncovered } from './whyUncovered.ts';
import { allDefinedNames, usedNames } from '../model/scope.ts';
import { UncoveredNodes } from './uncoveredNodes.ts';
import {
  checkType,
  isNumeric,
  sizeOf,
  tensorOf,
  type ElementType,
  type Tensor,
  type TensorType,
} from '../model/tensor.ts';

/** The operator set that graphs are written for, where none of their nodes needs a later one: old engines run them too. */
const LOWEST_OPSET = 18;
/** The first IR version that may hold operator set 18. */
const LOWEST_IR_VERSION = 8;
/** Nodes are folded whose inputs and outputs have up to this many elements: shape arithmetic, not weights. */
const LARGEST_FOLD = 1 << 16;

/** A table of operators by domain and name, `'Relu'` or `'com.microsoft.Gelu'`. */
export type OperatorTable = ReadonlyMap<string, Operator | Composite>;

function isFoldable({ elementType, shape }: TensorType): boolean {
  return isNumeric(elementType) && sizeOf(shape) <= LARGEST_FOLD;
}

/**
 * A graph under construction whose every tensor has a known type: shapes are numbers, never names. Nodes whose inputs
 * are all constants are folded away where they are shape arithmetic.
 *
 * @example
 * ```ts
 * import { readFile } from 'node:fs/promises';
 * import { coveredOperators, GraphBuilder, readModel } from '@edjm/onnx-autodiff';
 *
 * const source = readModel(await readFile('model.onnx'));
 * const builder = new GraphBuilder(source, coveredOperators);
 * builder.addInput('x', { elementType: 'float32', shape: [32, 784] });
 * for (const node of source.nodes) builder.addSourceNode(node);
 * const doubled = builder.emit('Add', ['y', 'y']);
 * const graph = builder.build([builder.nameOutput('doubled', doubled)]);
 * console.log(graph.outputs);
 * ```
 */
export class GraphBuilder {
  readonly operators: OperatorTable;
  /** What each node is there for. */
  readonly provenance: Provenance = new Provenance();
  /** Sequences of tensors, by name: they are known as lists while the graph is written, and leave no nodes. */
  readonly lists: Map<string, readonly string[]> = new Map();
  readonly #uncovered = new UncoveredNodes();
  readonly #source: Graph;
  readonly #nodes: Node[] = [];
  readonly #known = new KnownNodes();
  readonly #types = new Map<string, TensorType>();
  readonly #constants = new Map<string, Tensor>();
  readonly #aliases = new Map<string, string>();
  readonly #inputs: string[] = [];
  /** Constants by what they hold, where that is short, or by the tensor itself. */
  readonly #shared = new Map<string | Tensor, string>();
  /** Names of the source, which nodes added here must not have. */
  readonly #taken: ReadonlySet<string>;
  /** Constants whose values went into others: what was made of them does not follow when they change. */
  readonly #absorbed = new Set<string>();
  #counter = 0;

  constructor(source: Graph, operators: OperatorTable) {
    this.operators = operators;
    this.#source = source;
    this.#taken = allDefinedNames(source);
    for (const [name, tensor] of source.initializers) this.#setConstant(name, tensor);
  }

  /** The nodes so far, in order of execution. */
  get nodes(): readonly Node[] {
    return this.#nodes;
  }

  /** The node that a tensor comes out of; undefined for inputs and constants. */
  producer(name: string): Node | undefined {
    return this.#known.producer(this.resolve(name));
  }

  /** Declares a graph input; one with the name of an initializer takes its place, as weights that are to be trained do. */
  addInput(name: string, type: TensorType): string {
    checkType(type, `input "${name}"`);
    if (this.#types.has(name) && !this.#constants.has(name)) {
      throw new EdjmError(
        'INVALID_ARGUMENT',
        `expected an input with a name of its own, got "${name}", which is a tensor of the graph.`,
      );
    }
    this.#inputs.push(name);
    this.#constants.delete(name);
    this.#types.set(name, type);
    return name;
  }

  /** Adds a node of the source model, in whatever form its operator set gave it. */
  addSourceNode(source: Node): void {
    this.provenance.during({ pass: 'forward', source }, () => {
      this.#addSource(source);
    });
  }

  /** The operator set that a node of the source was written for. */
  opsetOf({ domain, opset }: Node): number {
    return opset ?? this.#source.opsets.get(domain) ?? (domain === '' ? LOWEST_OPSET : 1);
  }

  #addSource(source: Node): void {
    const node = { ...source, inputs: source.inputs.map((name) => this.resolve(name)) };
    const operator = this.operators.get(operatorKey(node));
    if (operator === undefined) {
      this.leaveUncovered(node, whyUncovered(operatorKey(node)));
      return;
    }
    // What an uncovered operator makes has no type: nodes after it are kept as they are.
    if (!this.#uncovered.isEmpty && usedNames(node).some((name) => name !== '' && !this.knows(name))) {
      this.#nodes.push(node);
      return;
    }
    if ('rewrite' in operator) {
      this.#rewrite(node, operator);
      return;
    }
    const upgraded = operator.upgrade?.(node, this.opsetOf(node), this) ?? node;
    this.#add(upgraded, this.#operatorOf(upgraded) ?? operator);
  }

  /**
   * Keeps a node as it stands: what needs it is refused.
   *
   * @param reason - why, where its operator is covered otherwise.
   */
  leaveUncovered(node: Node, reason?: string): void {
    this.#uncovered.add(node, reason);
    this.#nodes.push(node);
  }

  /** Adds a node and returns the names of its outputs; input names may be empty where optional. */
  emitAll(opType: string, inputs: readonly string[], options: EmitOptions = {}): readonly string[] {
    const outputs = Array.from({ length: options.outputs ?? 1 }, () => this.freshName(opType));
    const node = {
      opType,
      domain: '',
      name: outputs[0] ?? '',
      inputs: inputs.map((name) => this.resolve(name)),
      outputs,
      attributes: options.attributes ?? {},
    };
    const operator = this.#operatorOf(node);
    if (operator === undefined)
      throw new Error(`expected an operator with a rule of its own, got ${opType}.`);
    this.#add(operator.simplify?.(node, this) ?? node, operator);
    return outputs.map((name) => this.resolve(name));
  }

  /** Adds a node with one output and returns its name. */
  emit(
    opType: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
  ): string {
    return this.emitAll(opType, inputs, { attributes })[0] ?? '';
  }

  /** A name that no tensor of the graph has. */
  freshName(prefix: string): string {
    let name: string;
    do {
      this.#counter += 1;
      name = `edjm/${prefix}_${String(this.#counter)}`;
    } while (this.#taken.has(name));
    return name;
  }

  /** A constant; equal scalars and short vectors share one name, as does a tensor that is given twice. */
  constant(tensor: Tensor): string {
    const { elementType, shape, bytes } = tensor;
    const key = bytes.length <= 64 ? `${elementType}[${shape.join()}]${bytes.join()}` : tensor;
    const known = this.#shared.get(key);
    if (known !== undefined) return known;
    const name = this.freshName('constant');
    this.#setConstant(name, tensor);
    this.#shared.set(key, name);
    return name;
  }

  /** A vector of 64-bit integers, as axes and shapes are given. */
  ints(values: readonly number[]): string {
    return this.constant(tensorOf('int64', [values.length], values));
  }

  /** A scalar of the element type of another tensor. */
  scalar(value: number, like: string): string {
    return this.constant(tensorOf(this.type(like).elementType, [], [value]));
  }

  /** A tensor of one value throughout. */
  filled(elementType: ElementType, shape: readonly number[], value: number): string {
    const tensor = tensorOf(elementType, [1], [value]);
    return this.emit('ConstantOfShape', [this.ints(shape)], { value: { tensor } });
  }

  /**
   * The type of a tensor; throws `UNSUPPORTED` where it comes out of an operator without a rule, `INVALID_FILE` where
   * nothing in the graph makes it.
   */
  type(name: string): TensorType {
    const type = this.#types.get(this.resolve(name));
    if (type !== undefined) return type;
    if (!this.#uncovered.isEmpty)
      throw this.uncoveredError(`expected a known type for "${name}"`, this.resolve(name));
    throw new EdjmError(
      'INVALID_FILE',
      `expected an input, an initializer or the output of an earlier node, got the name "${name}", which is none of them.`,
    );
  }

  /** Whether the graph so far knows the type of a tensor, or what a sequence holds. */
  knows(name: string): boolean {
    return this.#types.has(this.resolve(name)) || this.lists.has(this.resolve(name));
  }

  shape(name: string): readonly number[] {
    return this.type(name).shape;
  }

  /** The value of a tensor that does not depend on the inputs and is known, or undefined. */
  constantValue(name: string): Tensor | undefined {
    return this.#constants.get(this.resolve(name));
  }

  /** Says that the values of a constant went into another one. */
  absorb(name: string): void {
    this.#absorbed.add(this.resolve(name));
  }

  /** Whether the values of a constant went into another one, so that the graph does not follow when it changes. */
  isAbsorbed(name: string): boolean {
    return this.#absorbed.has(this.resolve(name));
  }

  /** The name under which a tensor is known here: nodes that only hand on their input leave an alias. */
  resolve(name: string): string {
    return this.#aliases.get(name) ?? name;
  }

  /** Lets a name stand for another tensor; the empty name stands for none. */
  alias(name: string, target: string): void {
    if (name !== '') this.#aliases.set(name, this.resolve(target));
  }

  /** Copies a tensor under a name of the caller's choice, for use as a graph output; the name must be free. */
  nameOutput(name: string, source: string): string {
    if (this.#types.has(name) || this.#taken.has(name)) {
      throw new EdjmError(
        'INVALID_ARGUMENT',
        `expected a name that no tensor of the graph has, got "${name}".`,
      );
    }
    const node = {
      opType: 'Identity',
      domain: '',
      name,
      inputs: [this.resolve(source)],
      outputs: [name],
      attributes: {},
    };
    this.#nodes.push(node);
    this.#types.set(name, this.type(source));
    return name;
  }

  /** The error that names what has no rule and lies before a tensor, and says what still works. */
  uncoveredError(expected: string, tensor: string): EdjmError {
    return this.#uncovered.error(expected, { source: this.#source, nodes: this.#nodes, tensor });
  }

  /** The part of the graph that the given outputs need. */
  build(outputs: readonly string[]): Graph {
    const needed = new Set(outputs);
    const nodes: Node[] = [];
    for (const node of this.#nodes.toReversed()) {
      if (!node.outputs.some((name) => needed.has(name))) continue;
      nodes.push(node);
      for (const name of node.inputs) needed.add(name);
    }
    const info = (name: string) => ({ name, ...this.type(name) });
    const opset = this.#opsetOf(nodes);
    const domains = new Set(nodes.map(({ domain }) => domain));
    const others = [...this.#source.opsets].filter(([domain]) => domains.has(domain));
    return {
      name: this.#source.name === '' ? 'edjm' : this.#source.name,
      irVersion:
        opset === LOWEST_OPSET ? LOWEST_IR_VERSION : Math.max(this.#source.irVersion, LOWEST_IR_VERSION),
      opsets: new Map([...others, ['', opset]]),
      inputs: this.#inputs.map(info),
      outputs: outputs.map(info),
      initializers: new Map([...this.#constants].filter(([name]) => needed.has(name))),
      nodes: asWritten(nodes.toReversed()),
    };
  }

  #opsetOf(nodes: readonly Node[]): number {
    const needed = nodes.map((node) => this.#operatorOf(node)?.since?.(node, this.opsetOf(node)));
    return Math.max(LOWEST_OPSET, ...needed.filter((opset) => opset !== undefined));
  }

  /** The rule of a node that is kept as it stands; undefined where there is none, or a composite. */
  #operatorOf(node: Node): Operator | undefined {
    const operator = this.operators.get(operatorKey(node));
    return operator === undefined || 'rewrite' in operator ? undefined : operator;
  }

  /** Puts what a composite is written in into the place of its node. */
  #rewrite(node: Node, { rewrite }: Composite): void {
    const outputs = rewrite(rewriteContext(this, node, this.opsetOf(node)));
    node.outputs.forEach((name, index) => {
      const target = outputs[index];
      if (name === '') return;
      if (target === undefined) {
        throw new EdjmError(
          'UNSUPPORTED',
          `${describeNode(node)}: expected no output at position ${String(index)}, got "${name}". Export the network without it.`,
        );
      }
      this.alias(name, target);
    });
  }

  #add(node: Node, operator: Operator): void {
    const types = this.#outputTypes(node, operator);
    if (node.opType === 'Identity' && node.domain === '') {
      this.alias(node.outputs[0] ?? '', node.inputs[0] ?? '');
      return;
    }
    const constants = node.inputs.map((name) => this.constantValue(name));
    const known = node.inputs.every((name, index) => {
      const constant = constants[index];
      return name === '' || (constant !== undefined && isFoldable(constant));
    });
    if (operator.fold !== undefined && known && types.every(isFoldable)) {
      operator.fold(node, constants).forEach((tensor, index) => {
        this.#setConstant(node.outputs[index] ?? '', tensor);
      });
      node.inputs.forEach((name) => {
        this.absorb(name);
      });
      return;
    }
    const equal = this.#known.equalTo(node);
    node.outputs.forEach((name, index) => {
      const type = types[index];
      if (equal !== undefined) this.alias(name, equal.outputs[index] ?? '');
      else if (name !== '' && type !== undefined) this.#types.set(name, type);
    });
    if (equal !== undefined) return;
    this.#known.add(node);
    this.provenance.add(node);
    this.#nodes.push(node);
  }

  #outputTypes(node: Node, operator: Operator): readonly TensorType[] {
    const types = operator.infer(inferContext(this, node));
    for (const type of types) checkType(type, describeNode(node));
    if (node.outputs.every((name, index) => name === '' || types[index] !== undefined)) return types;
    throw new EdjmError(
      'INVALID_FILE',
      `${describeNode(node)}: expected at most ${String(types.length)} outputs, got ${String(node.outputs.length)}.`,
    );
  }

  #setConstant(name: string, tensor: Tensor): void {
    this.#constants.set(name, tensor);
    this.#types.set(name, { elementType: tensor.elementType, shape: tensor.shape });
  }
}

/** Options of {@link GraphBuilder.emitAll}. */
export interface EmitOptions {
  readonly attributes?: Readonly<Record<string, Attribute>>;
  /** Number of outputs. Defaults to 1. */
  readonly outputs?: number;
}
