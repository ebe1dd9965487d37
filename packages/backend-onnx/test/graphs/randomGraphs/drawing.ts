import {
  coveredOperators,
  GraphBuilder,
  tensorOf,
  type Attribute,
  type Graph,
  type Node,
  type Tensor,
} from '@edjm/onnx-autodiff';
import { node } from '../../support/smallGraphs.ts';
import { noise, type Point } from '../../support/vjpCheck.ts';

/** Element type of all real numbers of a graph. */
export type Precision = 'float32' | 'float64';

/** Tensors of more elements are not worked with any further. */
const LARGEST = 128;
/** Values beyond are squashed, so that differences of them mean something. */
const LARGEST_VALUE = 4;
/** From this many variables on, new tensors are constants where a step has another that varies. */
const MOST_VARIABLES = 5;

/** The number of elements of a tensor. */
export const sizeOf = (shape: readonly number[]): number =>
  shape.reduce((product, size) => product * size, 1);

/** Which tensors are asked for. */
export interface Wanted {
  /** Least and largest rank. Defaults to 0 and 5. */
  readonly ranks?: readonly [number, number];
  readonly where?: (shape: readonly number[]) => boolean;
  /** The shape of a new tensor; defaults to a random one of those ranks. */
  readonly fresh?: () => readonly number[];
}

/** What {@link Drawing.emit} says of a node beside its inputs. */
export interface NodeOptions {
  readonly attributes?: Readonly<Record<string, Attribute>>;
  /** No value of the outputs is larger; defaults to the largest bound of the inputs. */
  readonly bound?: number;
  /** The tensors that the outputs depend on, if they are not the inputs alone. */
  readonly varyingBy?: readonly string[];
  /** Number of outputs, or whether each is there. Defaults to 1. */
  readonly outputs?: number | readonly boolean[];
}

/** What a {@link Drawing} starts from. */
export interface DrawingOptions {
  readonly precision: Precision;
  readonly opset: number;
  /** Of the random numbers in the tensors. */
  readonly seed: number;
  /** Decide the shape of the first variable. */
  readonly choices: readonly number[];
}

/**
 * A random graph while it is drawn. Every decision takes the next of the numbers that it is given, so that the same
 * numbers give the same graph and smaller ones a simpler graph; the shapes are those that the builder infers.
 */
export class Drawing {
  readonly precision: Precision;
  readonly opset: number;
  readonly #seed: number;
  readonly #builder: GraphBuilder;
  readonly #variables = new Map<string, Tensor>();
  readonly #initializers = new Map<string, Tensor>();
  readonly #nodes: Node[] = [];
  readonly #bounds = new Map<string, number>();
  /** Tensors that depend on a variable. */
  readonly #varying = new Set<string>();
  /** Tensors that may be worked with, oldest first. */
  readonly #tensors: string[] = [];
  #choices: readonly number[] = [];
  /** Whether the decisions so far chose a tensor that depends on a variable. */
  #varies = false;
  #taken = 0;
  #counter = 0;

  constructor(options: DrawingOptions) {
    this.precision = options.precision;
    this.opset = options.opset;
    this.#seed = options.seed;
    this.#builder = new GraphBuilder(this.#graph([]), coveredOperators);
    this.decideBy(options.choices);
    this.#tensors.push(this.variable(this.shape()));
  }

  /** Takes the following decisions by these numbers; where they run out, by zeros. */
  decideBy(choices: readonly number[]): void {
    this.#choices = choices;
    this.#taken = 0;
    this.#varies = false;
  }

  /** A whole number from 0 to count − 1. */
  below(count: number): number {
    const choice = this.#choices[this.#taken] ?? 0;
    this.#taken += 1;
    return choice % count;
  }

  /** A whole number from low to high. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  oneOf<T>(options: readonly T[]): T {
    return options[this.below(options.length)]!;
  }

  flag(): boolean {
    return this.below(2) === 1;
  }

  /** An axis of a tensor of the given rank, counted from the start or from the end. */
  axis(rank: number): number {
    return this.between(-rank, rank - 1);
  }

  /** A shape of sizes from 1 to 5. */
  shape([least, most]: readonly [number, number] = [1, 5]): readonly number[] {
    const shape = Array.from({ length: this.between(least, most) }, () => this.between(1, 5));
    while (sizeOf(shape) > LARGEST) shape[shape.indexOf(Math.max(...shape))]! -= 1;
    return shape;
  }

  /** A tensor that is there already, newer ones first, or a new one. */
  tensor({ ranks = [0, 5], where = () => true, fresh }: Wanted = {}): string {
    const [least, most] = ranks;
    const fitting = this.#tensors.filter((name) => {
      const shape = this.shapeOf(name);
      return shape.length >= least && shape.length <= most && where(shape);
    });
    const known = fitting[fitting.length - 1 - this.below(fitting.length + 1)];
    if (known === undefined) return this.fresh(fresh?.() ?? this.shape([Math.max(least, 1), most]));
    this.#varies ||= this.#varying.has(known);
    return known;
  }

  /** A tensor of exactly that shape. */
  shaped(shape: readonly number[]): string {
    return this.tensor({ where: (other) => other.join() === shape.join(), fresh: () => shape });
  }

  /** A tensor that broadcasts against another. */
  against(name: string): string {
    const shape = this.shapeOf(name);
    const where = (other: readonly number[]) => {
      const joint = broadcast(shape, other);
      return joint !== undefined && sizeOf(joint) <= LARGEST;
    };
    const fresh = () =>
      shape.slice(this.below(shape.length + 1)).map((size) => (this.below(3) === 1 ? 1 : size));
    return this.tensor({ where, fresh });
  }

  /** A tensor that broadcasts to the shape of another. */
  into(name: string): string {
    const shape = this.shapeOf(name);
    const where = (other: readonly number[]) => broadcast(shape, other)?.join() === shape.join();
    const fresh = () =>
      shape.slice(this.below(shape.length + 1)).map((size) => (this.below(3) === 1 ? 1 : size));
    return this.tensor({ where, fresh });
  }

  /** A tensor of random numbers between −1 and 1 that nothing else uses yet: a variable, or a constant. */
  fresh(shape: readonly number[]): string {
    const isVariable = !this.#varies || (this.#variables.size < MOST_VARIABLES && this.below(4) !== 3);
    const name = isVariable ? this.variable(shape) : this.constant(shape);
    this.#varies ||= isVariable;
    this.#tensors.push(name);
    return name;
  }

  /** A tensor to differentiate with respect to. */
  variable(shape: readonly number[]): string {
    const name = `x${String(this.#variables.size)}`;
    this.#variables.set(name, this.#noise(shape));
    this.#bounds.set(name, 1);
    this.#varying.add(name);
    return this.#builder.addInput(name, { elementType: this.precision, shape });
  }

  /** An initializer of random numbers. */
  constant(shape: readonly number[]): string {
    return this.initializer(this.#noise(shape));
  }

  /** An initializer of the given real number. */
  number(value: number, shape: readonly number[] = []): string {
    const values = new Array<number>(sizeOf(shape)).fill(value);
    return this.initializer(tensorOf(this.precision, shape, values), Math.abs(value));
  }

  ints(...values: readonly number[]): string {
    return this.initializer(tensorOf('int64', [values.length], values));
  }

  initializer(tensor: Tensor, bound = 1): string {
    this.#counter += 1;
    const name = `c${String(this.#counter)}`;
    this.#initializers.set(name, tensor);
    this.#builder.alias(name, this.#builder.constant(tensor));
    this.#bounds.set(name, bound);
    return name;
  }

  /** A name that nothing has yet. */
  freeName(): string {
    this.#counter += 1;
    return `t${String(this.#counter)}`;
  }

  shapeOf(name: string): readonly number[] {
    return this.#builder.shape(name);
  }

  /** No value of the tensor is larger. */
  boundOf(name: string): number {
    return this.#bounds.get(name) ?? 1;
  }

  emit(opType: string, inputs: readonly string[], options: NodeOptions = {}): string {
    return this.emitAll(opType, inputs, options)[0]!;
  }

  emitAll(opType: string, inputs: readonly string[], options: NodeOptions = {}): readonly string[] {
    const { outputs = 1, attributes = {} } = options;
    const present = typeof outputs === 'number' ? new Array<boolean>(outputs).fill(true) : outputs;
    const names = present.map((isThere) => (isThere ? this.freeName() : ''));
    const added = node(opType, inputs, { outputs: names, attributes });
    this.#nodes.push(added);
    this.#builder.addSourceNode(added);
    const bound = options.bound ?? Math.max(...inputs.map((name) => this.boundOf(name)), 0);
    const isVarying = (options.varyingBy ?? inputs).some((name) => this.#varying.has(name));
    for (const name of names) {
      this.#bounds.set(name, bound);
      if (isVarying) this.#varying.add(name);
    }
    return names;
  }

  /** The same tensor if no value of it is larger than the bound, otherwise a squashed one. */
  within(name: string, bound: number): string {
    if (this.boundOf(name) <= bound) return name;
    const scaled = this.emit('Mul', [name, this.number(Math.min(1, LARGEST_VALUE / this.boundOf(name)))]);
    const squashed = this.emit('Tanh', [scaled], { bound: 1 });
    return bound >= 1 ? squashed : this.emit('Mul', [squashed, this.number(bound)], { bound });
  }

  /** A tensor made of another whose values lie between ½ and 5. */
  positive(name: string): string {
    const x = this.within(name, 1.5);
    if (this.flag()) return this.emit('Add', [this.emit('Sigmoid', [x]), this.number(0.5)], { bound: 1.5 });
    const square = this.emit('Mul', [x, x], { bound: this.boundOf(x) ** 2 });
    return this.emit('Add', [square, this.number(0.75)], { bound: this.boundOf(x) ** 2 + 0.75 });
  }

  /** Lets the following steps work with a tensor, unless it is too large or empty. */
  offer(name: string): void {
    const size = sizeOf(this.shapeOf(name));
    if (size === 0 || size > LARGEST || this.shapeOf(name).length > 6) return;
    this.#tensors.push(this.within(name, LARGEST_VALUE));
  }

  /** The graph as drawn, whose outputs are the newest tensor and, with 2, one that was made before. */
  finish(outputs: 1 | 2): Point {
    const made = new Set(this.#nodes.flatMap((known) => known.outputs));
    const results = this.#tensors.filter((name) => made.has(name) && this.#varying.has(name));
    const last = results.at(-1) ?? this.emit('Identity', [this.#tensors[0]!]);
    const others = results.filter((name) => name !== last);
    const second = outputs === 2 && others.length > 0 ? [this.oneOf(others)] : [];
    return { graph: this.#graph([last, ...second]), variables: this.#variables, constants: new Map() };
  }

  #graph(outputs: readonly string[]): Graph {
    return {
      name: 'random',
      irVersion: 10,
      opsets: new Map([
        ['', this.opset],
        ['com.microsoft', 1],
      ]),
      inputs: [...this.#variables].map(([name, { elementType, shape }]) => ({ name, elementType, shape })),
      outputs: outputs.map((name) => ({ name, elementType: this.precision })),
      initializers: this.#initializers,
      nodes: this.#nodes,
    };
  }

  #noise(shape: readonly number[]): Tensor {
    this.#counter += 1;
    return tensorOf(this.precision, shape, noise(sizeOf(shape), this.#seed + 7 * this.#counter));
  }
}

/** The shape that two broadcast to, undefined if they do not. */
function broadcast(a: readonly number[], b: readonly number[]): readonly number[] | undefined {
  const rank = Math.max(a.length, b.length);
  const [left, right] = [a, b].map((shape) => [...new Array<number>(rank - shape.length).fill(1), ...shape]);
  const fits = left!.every((size, axis) => size === right![axis] || size === 1 || right![axis] === 1);
  return fits ? left!.map((size, axis) => (size === 1 ? right![axis]! : size)) : undefined;
}
