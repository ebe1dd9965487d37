import { EdjmError } from '@edjm/core';
import { asWritten } from './asWritten.ts';
import { describeNode, operatorKey, type Graph, type Node } from '../model/graph.ts';
import type { Composite, Operator } from './operator.ts';
import { KnownNodes } from './knownNodes.ts';
import { Provenance } from './provenance.ts';
import { checkNotHalf } from './halfPrecision.ts';
import { inferContext, rewriteContext } from './ruleContext.ts';
import { whyUncovered } from './whyUncovered.ts';
import { allDefinedNames, usedNames } from '../model/scope.ts';
import { TensorBuilder } from './tensorBuilder.ts';
import { UncoveredNodes } from './uncoveredNodes.ts';
import type { NewNode } from './writer/elementwiseWriter.ts';
import { checkType, isNumeric, sizeOf, type TensorType } from '../model/tensor.ts';

/** The operator set of the graphs written, unless a node needs a later one: old engines run them too. */
const LOWEST_OPSET = 18;
/** The first IR version that may hold operator set 18. */
const LOWEST_IR_VERSION = 8;
/** A node is folded if its inputs and outputs have at most this many elements: shape arithmetic, not weights. */
const LARGEST_FOLD = 1 << 16;

/** A table of operators by domain and name, `'Relu'` or `'com.microsoft.Gelu'`. */
export type OperatorTable = ReadonlyMap<string, Operator | Composite>;

function isFoldable({ elementType, shape }: TensorType): boolean {
  return isNumeric(elementType) && sizeOf(shape) <= LARGEST_FOLD;
}

/**
 * A graph under construction. Every tensor has a known type: shapes are numbers, never names. A node whose inputs are
 * all small constants becomes a constant itself.
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
 * const doubled = builder.add('y', 'y');
 * const graph = builder.build([builder.nameOutput('doubled', doubled)]);
 * console.log(graph.outputs);
 * ```
 */
export class GraphBuilder extends TensorBuilder {
  readonly operators: OperatorTable;
  /** The purpose of each node. */
  readonly provenance: Provenance = new Provenance();
  readonly #uncovered = new UncoveredNodes();
  readonly #source: Graph;
  readonly #nodes: Node[] = [];
  readonly #known = new KnownNodes();
  readonly #inputs: string[] = [];
  /** While a node is written in several: its operator, and the nodes so far. */
  #steps: { readonly of: string; readonly nodes: Node[] } | undefined;
  /** Names of the source. Nodes that are added here have others. */
  readonly #taken: ReadonlySet<string>;

  constructor(source: Graph, operators: OperatorTable) {
    super();
    this.operators = operators;
    this.#source = source;
    this.#taken = allDefinedNames(source);
    for (const [name, tensor] of source.initializers) this.setConstant(name, tensor);
  }

  /** The nodes so far, in order of execution. */
  get nodes(): readonly Node[] {
    return this.#nodes;
  }

  /** The node that makes a tensor; undefined for inputs and constants. */
  override producer(name: string): Node | undefined {
    return this.#known.producer(this.resolve(name));
  }

  /** Declares a graph input. An input with the name of an initializer replaces it, as weights in training do. */
  addInput(name: string, type: TensorType): string {
    checkType(type, `input "${name}"`);
    if (this.hasType(name) && !this.constants.has(name)) {
      throw new EdjmError(
        'INVALID_ARGUMENT',
        `expected an input with a name of its own, got "${name}", which is a tensor of the graph.`,
      );
    }
    this.#inputs.push(name);
    this.forgetValue(name);
    this.setType(name, type);
    return name;
  }

  /** Adds a node of the source model, in the form of whatever operator set it was written for. */
  override addSourceNode(source: Node): void {
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
    // The outputs of an uncovered operator have no type: nodes that use them are kept unchanged.
    if (!this.#uncovered.isEmpty && usedNames(node).some((name) => name !== '' && !this.knows(name))) {
      this.#nodes.push(node);
      return;
    }
    checkNotHalf(this, node);
    if ('rewrite' in operator) {
      this.#rewrite(node, operator);
      return;
    }
    const upgraded = operator.upgrade?.(node, this.opsetOf(node), this) ?? node;
    this.#add(upgraded, this.#operatorOf(upgraded) ?? operator);
  }

  /**
   * Keeps a node unchanged, and refuses what needs it.
   *
   * @param reason - why the node has no rule, if its operator has one otherwise.
   */
  override leaveUncovered(node: Node, reason?: string): void {
    this.#uncovered.add(node, reason);
    this.#nodes.push(node);
  }

  protected override write({ opType, domain = '', ...rest }: NewNode): readonly string[] {
    const outputs = Array.from({ length: rest.outputs ?? 1 }, () => this.freshName(opType));
    const node = {
      opType,
      domain,
      name: outputs[0] ?? '',
      inputs: rest.inputs.map((name) => this.resolve(name)),
      outputs,
      attributes: rest.attributes ?? {},
    };
    const operator = this.#operatorOf(node);
    if (operator === undefined)
      throw new Error(`expected an operator with a rule of its own, got ${operatorKey(node)}.`);
    this.#add(operator.simplify?.(node, this) ?? node, operator);
    return outputs.map((name) => this.resolve(name));
  }

  protected override isTaken(name: string): boolean {
    return this.#taken.has(name);
  }

  protected override unknown(name: string): EdjmError {
    if (!this.#uncovered.isEmpty)
      return this.uncoveredError(`expected a known type for "${name}"`, this.resolve(name));
    return new EdjmError(
      'INVALID_FILE',
      `expected an input, an initializer or the output of an earlier node, got the name "${name}", which is none of them.`,
    );
  }

  /** Copies a tensor under a name of the caller's choice, for use as a graph output; the name must be free. */
  nameOutput(name: string, source: string): string {
    if (this.hasType(name) || this.#taken.has(name)) {
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
    this.setType(name, this.type(source));
    return name;
  }

  /** The error that names the operators without a rule in front of a tensor, and says what still works. */
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
    const written = nodes.toReversed().flatMap((node) => this.#inSteps(node));
    for (const { inputs } of written) for (const name of inputs) needed.add(name);
    const info = (name: string) => ({ name, ...this.type(name) });
    const opset = this.#opsetOf(written);
    const domains = new Set(written.map(({ domain }) => domain));
    const others = [...this.#source.opsets].filter(([domain]) => domains.has(domain));
    return {
      name: this.#source.name === '' ? 'edjm' : this.#source.name,
      irVersion:
        opset === LOWEST_OPSET ? LOWEST_IR_VERSION : Math.max(this.#source.irVersion, LOWEST_IR_VERSION),
      opsets: new Map([...others, ['', opset]]),
      inputs: this.#inputs.map(info),
      outputs: outputs.map(info),
      initializers: new Map([...this.constants].filter(([name]) => needed.has(name))),
      nodes: asWritten(written),
    };
  }

  #opsetOf(nodes: readonly Node[]): number {
    const needed = nodes.map((node) => this.#operatorOf(node)?.since?.(node, this.opsetOf(node)));
    return Math.max(LOWEST_OPSET, ...needed.filter((opset) => opset !== undefined));
  }

  /** The rule of a node that stays in the graph; undefined if there is no rule, or if the rule is a composite. */
  #operatorOf(node: Node): Operator | undefined {
    const operator = this.operators.get(operatorKey(node));
    return operator === undefined || 'rewrite' in operator ? undefined : operator;
  }

  /** Replaces a node by the nodes that its composite writes. */
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
        this.setConstant(node.outputs[index] ?? '', tensor);
      });
      node.inputs.forEach((name) => {
        this.absorb(name);
      });
      return;
    }
    if (this.#steps !== undefined) {
      this.#addStep(this.#steps, node, types);
      return;
    }
    const equal = this.#known.equalTo(node);
    node.outputs.forEach((name, index) => {
      const type = types[index];
      if (equal !== undefined) this.alias(name, equal.outputs[index] ?? '');
      else if (name !== '' && type !== undefined) this.setType(name, type);
    });
    if (equal !== undefined) return;
    this.#known.add(node);
    this.provenance.add(node);
    this.#nodes.push(node);
  }

  #addStep(
    steps: { readonly of: string; readonly nodes: Node[] },
    node: Node,
    types: readonly TensorType[],
  ): void {
    node.outputs.forEach((name, index) => {
      const type = types[index];
      if (name !== '' && type !== undefined) this.setType(name, type);
    });
    this.provenance.add(node);
    steps.nodes.push(...(node.opType === steps.of ? [node] : this.#inSteps(node)));
  }

  /** The nodes that the engine runs for a node. */
  #inSteps(node: Node): readonly Node[] {
    const { inSteps } = this.#operatorOf(node) ?? {};
    const [output = ''] = node.outputs;
    if (inSteps === undefined || !node.inputs.every((name) => name === '' || this.knows(name))) return [node];
    const nodes: Node[] = [];
    const outer = this.#steps;
    this.#steps = { of: node.opType, nodes };
    const origin = this.provenance.of(output) ?? { pass: 'forward' };
    const stand = this.provenance.during(origin, () => inSteps(node, this));
    this.#steps = outer;
    // Of constants alone, the steps are folded and no node gives their result.
    if (stand === undefined || !nodes.some(({ outputs }) => outputs.includes(stand))) return [node];
    const renamed = (names: readonly string[]) => names.map((name) => (name === stand ? output : name));
    return nodes.map((step) => ({
      ...step,
      name: step.outputs.includes(stand) ? node.name : step.name,
      inputs: renamed(step.inputs),
      outputs: renamed(step.outputs),
    }));
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
}
