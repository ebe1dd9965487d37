import type { EdjmError } from '@edjm/core';
import type { Node } from '../model/graph.ts';
import { tensorOf, type ElementType, type Tensor, type TensorType } from '../model/tensor.ts';
import { NodeWriter } from './writer/nodeWriter.ts';

/**
 * The tensors of a graph under construction. Each has a known type: shapes are numbers, never names. Constants have
 * known values besides, and sequences are lists of tensors.
 */
export abstract class TensorBuilder extends NodeWriter {
  /** Sequences of tensors, by name: they are known as lists while the graph is written, and leave no nodes. */
  readonly lists: Map<string, readonly string[]> = new Map();
  readonly #types = new Map<string, TensorType>();
  readonly #constants = new Map<string, Tensor>();
  readonly #aliases = new Map<string, string>();
  /** Constants by their contents if those are short, or else by the tensor itself. */
  readonly #shared = new Map<string | Tensor, string>();
  /** Constants whose values went into other constants, which do not follow when the first ones change. */
  readonly #absorbed = new Set<string>();
  #counter = 0;

  /** The node that makes a tensor; undefined for inputs and constants. */
  abstract producer(name: string): Node | undefined;

  /** Adds a node of the source model, in the form of whatever operator set it was written for. */
  abstract addSourceNode(source: Node): void;

  /**
   * Keeps a node unchanged, and refuses what needs it.
   *
   * @param reason - why the node has no rule, if its operator has one otherwise.
   */
  abstract leaveUncovered(node: Node, reason?: string): void;

  /** Whether a name belongs to the source model, so that no new tensor may have it. */
  protected abstract isTaken(name: string): boolean;

  /** The error for a tensor whose type is not known. */
  protected abstract unknown(name: string): EdjmError;

  /** A name that no tensor of the graph has. */
  freshName(prefix: string): string {
    let name: string;
    do {
      this.#counter += 1;
      name = `edjm/${prefix}_${String(this.#counter)}`;
    } while (this.isTaken(name));
    return name;
  }

  /** A constant. Equal scalars and short vectors share one name, as does a tensor that is given twice. */
  constant(tensor: Tensor): string {
    const { elementType, shape, bytes } = tensor;
    const key = bytes.length <= 64 ? `${elementType}[${shape.join()}]${bytes.join()}` : tensor;
    const known = this.#shared.get(key);
    if (known !== undefined) return known;
    const name = this.freshName('constant');
    this.setConstant(name, tensor);
    this.#shared.set(key, name);
    return name;
  }

  ints(values: readonly number[]): string {
    return this.constant(tensorOf('int64', [values.length], values));
  }

  scalar(value: number, like: string): string {
    return this.constant(tensorOf(this.type(like).elementType, [], [value]));
  }

  /** A tensor of one value throughout. */
  filled(elementType: ElementType, shape: readonly number[], value: number): string {
    const tensor = tensorOf(elementType, [1], [value]);
    return this.one('ConstantOfShape', [this.ints(shape)], { value: { tensor } });
  }

  /** x in another element type; x itself if it has that type already. */
  override cast(x: string, to: ElementType): string {
    return this.type(x).elementType === to ? x : super.cast(x, to);
  }

  /** The same elements in another shape; x itself if it has that shape already. */
  override reshape(x: string, shape: readonly number[]): string {
    const from = this.shape(x);
    if (from.length === shape.length && from.every((size, axis) => size === shape[axis])) return x;
    return this.one('Reshape', [x, this.ints(shape)], { allowzero: { int: 1 } });
  }

  /**
   * The type of a tensor.
   *
   * @throws EdjmError `UNSUPPORTED` if an operator without a rule makes the tensor, `INVALID_FILE` if nothing in the
   * graph makes it.
   */
  type(name: string): TensorType {
    const type = this.#types.get(this.resolve(name));
    if (type !== undefined) return type;
    throw this.unknown(name);
  }

  /** Whether the graph so far knows the type of a tensor, or the tensors of a sequence. */
  knows(name: string): boolean {
    return this.#types.has(this.resolve(name)) || this.lists.has(this.resolve(name));
  }

  /** The shape of a tensor; throws as {@link TensorBuilder.type} does. */
  shape(name: string): readonly number[] {
    return this.type(name).shape;
  }

  /** The value of a constant; undefined for tensors that depend on the inputs. */
  constantValue(name: string): Tensor | undefined {
    return this.#constants.get(this.resolve(name));
  }

  /** Records that the values of a constant went into another one. */
  absorb(name: string): void {
    this.#absorbed.add(this.resolve(name));
  }

  /** Whether the values of a constant went into another one, so that the graph does not follow when it changes. */
  isAbsorbed(name: string): boolean {
    return this.#absorbed.has(this.resolve(name));
  }

  /** The name that the graph uses for a tensor: a node that only hands on its input leaves an alias. */
  resolve(name: string): string {
    return this.#aliases.get(name) ?? name;
  }

  /** Lets a name stand for another tensor; the empty name stands for none. */
  alias(name: string, target: string): void {
    if (name !== '') this.#aliases.set(name, this.resolve(target));
  }

  /** The constants, by name. */
  protected get constants(): ReadonlyMap<string, Tensor> {
    return this.#constants;
  }

  /** Whether a tensor of exactly that name has a type. */
  protected hasType(name: string): boolean {
    return this.#types.has(name);
  }

  /** Records the type of a tensor. */
  protected setType(name: string, type: TensorType): void {
    this.#types.set(name, type);
  }

  /** Makes a constant a tensor like others: its value may change between runs. */
  protected forgetValue(name: string): void {
    this.#constants.delete(name);
  }

  /** Records the value of a tensor. */
  protected setConstant(name: string, tensor: Tensor): void {
    this.#constants.set(name, tensor);
    this.#types.set(name, { elementType: tensor.elementType, shape: tensor.shape });
  }
}
