import type { Attribute, Node } from '../../model/graph.ts';
import { elementTypeCodes, type ElementType } from '../../model/tensor.ts';
import { attributesFrom, type HardSigmoidAttributes } from './attributes.ts';

/** Adds f(x), element by element, and returns its name. */
export type OfOne = (x: string) => string;

/**
 * Adds f(x, y), element by element, and returns its name. The operands broadcast against each other. A number stands for a
 * scalar of the other operand's element type.
 */
export interface OfTwo {
  (x: string, y: string | number): string;
  (x: number, y: string): string;
}

/** A node to add. An empty input name stands for an input that is left out. */
export interface NewNode {
  readonly opType: string;
  /** Defaults to the standard operator set. */
  readonly domain?: string;
  readonly inputs: readonly string[];
  readonly attributes?: Readonly<Record<string, Attribute>>;
  /** Number of outputs. Defaults to 1. */
  readonly outputs?: number;
}

/** Adds nodes of elementwise operators. Every method takes and returns names of tensors. */
export abstract class ElementwiseWriter {
  readonly abs: OfOne = this.#ofOne('Abs');
  readonly atan: OfOne = this.#ofOne('Atan');
  readonly cos: OfOne = this.#ofOne('Cos');
  readonly cosh: OfOne = this.#ofOne('Cosh');
  readonly erf: OfOne = this.#ofOne('Erf');
  readonly exp: OfOne = this.#ofOne('Exp');
  readonly floor: OfOne = this.#ofOne('Floor');
  readonly log: OfOne = this.#ofOne('Log');
  readonly neg: OfOne = this.#ofOne('Neg');
  readonly not: OfOne = this.#ofOne('Not');
  readonly reciprocal: OfOne = this.#ofOne('Reciprocal');
  readonly relu: OfOne = this.#ofOne('Relu');
  readonly round: OfOne = this.#ofOne('Round');
  readonly selu: OfOne = this.#ofOne('Selu');
  readonly sigmoid: OfOne = this.#ofOne('Sigmoid');
  readonly sign: OfOne = this.#ofOne('Sign');
  readonly sin: OfOne = this.#ofOne('Sin');
  readonly sinh: OfOne = this.#ofOne('Sinh');
  readonly softplus: OfOne = this.#ofOne('Softplus');
  readonly softsign: OfOne = this.#ofOne('Softsign');
  readonly sqrt: OfOne = this.#ofOne('Sqrt');
  readonly tanh: OfOne = this.#ofOne('Tanh');

  readonly add: OfTwo = this.#ofTwo('Add');
  readonly and: OfTwo = this.#ofTwo('And');
  readonly div: OfTwo = this.#ofTwo('Div');
  readonly equal: OfTwo = this.#ofTwo('Equal');
  readonly greater: OfTwo = this.#ofTwo('Greater');
  readonly greaterOrEqual: OfTwo = this.#ofTwo('GreaterOrEqual');
  readonly less: OfTwo = this.#ofTwo('Less');
  readonly lessOrEqual: OfTwo = this.#ofTwo('LessOrEqual');
  readonly max: OfTwo = this.#ofTwo('Max');
  readonly mod: OfTwo = this.#ofTwo('Mod');
  readonly mul: OfTwo = this.#ofTwo('Mul');
  readonly pow: OfTwo = this.#ofTwo('Pow');
  readonly sub: OfTwo = this.#ofTwo('Sub');

  /** A scalar constant of the element type of another tensor. */
  abstract scalar(value: number, like: string): string;

  /** Adds a node and returns the names of its outputs. */
  protected abstract write(node: NewNode): readonly string[];

  /**
   * Adds a node like a given one, with its operator and attributes: the one way to write an operator that has no
   * method here.
   *
   * @param changes - what the new node has of its own.
   * @returns the names of its outputs.
   */
  copy(
    node: Node,
    changes: Partial<Pick<NewNode, 'inputs' | 'attributes' | 'outputs'>> = {},
  ): readonly string[] {
    const { opType, domain, inputs, attributes } = node;
    return this.write({ opType, domain, inputs, attributes, ...changes });
  }

  /** x where the condition holds, else y. */
  where(condition: string, x: string, y: string): string {
    return this.one('Where', [condition, x, y]);
  }

  /** x between two numbers or scalars; an empty name leaves a bound out. */
  clip(x: string, low: string | number, high: string | number): string {
    return this.one('Clip', [x, this.#operand(low, x), this.#operand(high, x)]);
  }

  /** The sum of tensors that broadcast against each other. */
  sum(names: readonly string[]): string {
    return this.one('Sum', names);
  }

  /** x in another element type. */
  cast(x: string, to: ElementType): string {
    return this.one('Cast', [x], { to: { int: elementTypeCodes[to] } });
  }

  /** α (eˣ − 1) where x is negative, else x. */
  elu(x: string, alpha: number): string {
    return this.one('Elu', [x], { alpha: { float: alpha } });
  }

  /** α (e^(x/α) − 1) where x is negative, else x. */
  celu(x: string, alpha: number): string {
    return this.one('Celu', [x], { alpha: { float: alpha } });
  }

  /** α x where x is negative, else x; α is 0.01 by default. */
  leakyRelu(x: string, alpha?: number): string {
    return this.one('LeakyRelu', [x], alpha === undefined ? {} : { alpha: { float: alpha } });
  }

  /** x where it is above α, else 0. */
  thresholdedRelu(x: string, alpha: number): string {
    return this.one('ThresholdedRelu', [x], { alpha: { float: alpha } });
  }

  /** max(0, min(1, α x + β)); α is 0.2 and β is 0.5 by default. */
  hardSigmoid(x: string, attributes: HardSigmoidAttributes = {}): string {
    return this.one('HardSigmoid', [x], attributesFrom(attributes));
  }

  /** x Φ(x), exactly (`'none'`, the default) or through tanh. */
  gelu(x: string, approximate?: 'none' | 'tanh'): string {
    return this.one('Gelu', [x], approximate === undefined ? {} : { approximate: { string: approximate } });
  }

  /** Adds a node with one output and returns its name. */
  protected one(opType: string, inputs: readonly string[], attributes: NewNode['attributes'] = {}): string {
    return this.write({ opType, inputs, attributes })[0] ?? '';
  }

  #ofOne(opType: string): OfOne {
    return (x) => this.one(opType, [x]);
  }

  #ofTwo(opType: string): OfTwo {
    return (x: string | number, y: string | number) =>
      this.one(opType, [this.#operand(x, y), this.#operand(y, x)]);
  }

  /** An operand, if need be as a scalar of the type of the other one. */
  #operand(value: string | number, like: string | number): string {
    return typeof value === 'number' ? this.scalar(value, String(like)) : value;
  }
}
