/**
 * Einsum: sums of products over the indices that the result does not have.
 *
 * Operands are combined two at a time, first those whose product is smallest. An index of two operands is shared and
 * kept (a batch), shared and summed (the inner dimension of a matrix product), or belongs to one operand alone (rows,
 * columns). So the two make a batched matrix product, or an elementwise product if nothing is summed. An index of one
 * operand that is not kept is summed first; an index that an operand has twice takes its diagonal.
 *
 * Axes of size 1 broadcast: they are taken out of the operands, and put into the result at the end.
 */
import { EdjmError } from '@edjm/core';
import { describeNode, type Node } from '../../model/graph.ts';
import type { TensorBuilder } from '../../graph/tensorBuilder.ts';
import type { Composite } from '../../graph/operator.ts';
import { sizeOf } from '../../model/tensor.ts';
import { readEquation, type Equation } from './einsumEquation.ts';

/** A tensor whose axes have names. */
interface Operand {
  readonly name: string;
  /** One for each axis; none has the size 1. */
  readonly indices: readonly string[];
}

const without = (indices: readonly string[], others: readonly string[]) =>
  indices.filter((index) => !others.includes(index));

const shared = (indices: readonly string[], others: readonly string[]) =>
  indices.filter((index) => others.includes(index));

/** The writer of one equation. */
class Contraction {
  readonly #builder: TensorBuilder;
  readonly #node: Node;
  readonly #equation: Equation;

  constructor(builder: TensorBuilder, node: Node, equation: Equation) {
    this.#builder = builder;
    this.#node = node;
    this.#equation = equation;
  }

  result(): string {
    const { terms, output, sizes } = this.#equation;
    let operands = terms.map((indices, position) =>
      this.#withoutOnes(this.#diagonal({ name: this.#node.inputs[position] ?? '', indices })),
    );
    while (operands.length > 1) {
      const [first, second] = this.#smallestPair(operands);
      const rest = operands.filter((operand) => operand !== first && operand !== second);
      const kept = [...output, ...rest.flatMap(({ indices }) => indices)];
      operands = [
        ...rest,
        this.#product(
          this.#summed(first, [...kept, ...second.indices]),
          this.#summed(second, [...kept, ...first.indices]),
          kept,
        ),
      ];
    }
    const [last = { name: '', indices: [] }] = operands;
    const summed = this.#summed(last, output);
    return this.#builder.reshape(
      this.#arranged(summed, shared(output, summed.indices)),
      output.map((index) => sizes.get(index) ?? 1),
    );
  }

  #size(indices: readonly string[]): number {
    return sizeOf(indices.map((index) => this.#equation.sizes.get(index) ?? 1));
  }

  /** The diagonal along axes of the same name: the last two, merged, in steps of their size and one. */
  #diagonal({ name, indices }: Operand): Operand {
    const twice = indices.find((index, axis) => indices.indexOf(index) !== axis);
    if (twice === undefined) return { name, indices };
    const builder = this.#builder;
    const shape = builder.shape(name);
    const [i, j] = [indices.indexOf(twice), indices.lastIndexOf(twice)];
    const size = shape[i] ?? 1;
    if (shape[j] !== size) {
      throw new EdjmError(
        'SHAPE_MISMATCH',
        `${describeNode(this.#node)}: expected axes of one size for the diagonal "${twice}", got the shape [${shape.join(', ')}].`,
      );
    }
    const others = indices.map((_, axis) => axis).filter((axis) => axis !== i && axis !== j);
    const outer = others.map((axis) => shape[axis] ?? 1);
    const moved = builder.transpose(name, [...others, i, j]);
    const merged = builder.reshape(moved, [...outer, size * size]);
    const along = builder.slice(merged, {
      starts: [0],
      ends: [size * size],
      axes: [outer.length],
      steps: [size + 1],
    });
    return this.#diagonal({
      name: along,
      indices: [...others.map((other) => indices[other] ?? ''), twice],
    });
  }

  #withoutOnes({ name, indices }: Operand): Operand {
    const shape = this.#builder.shape(name);
    const isLonger = (axis: number) => shape[axis] !== 1;
    return {
      name: this.#builder.reshape(
        name,
        shape.filter((_, axis) => isLonger(axis)),
      ),
      indices: indices.filter((_, axis) => isLonger(axis)),
    };
  }

  /** The sum over the axes that nothing else has. */
  #summed({ name, indices }: Operand, kept: readonly string[]): Operand {
    const gone = without(indices, kept);
    if (gone.length === 0) return { name, indices };
    const axes = gone.map((index) => indices.indexOf(index));
    return {
      name: this.#builder.reduceSum(name, axes, { keepDims: false }),
      indices: shared(indices, kept),
    };
  }

  #smallestPair(operands: readonly Operand[]): readonly [Operand, Operand] {
    const pairs = operands.flatMap((first, place) =>
      operands.slice(place + 1).map((second) => {
        const rest = operands.filter((operand) => operand !== first && operand !== second);
        const kept = [...this.#equation.output, ...rest.flatMap(({ indices }) => indices)];
        const all = new Set([...first.indices, ...second.indices]);
        return { first, second, size: this.#size(shared([...all], kept)) };
      }),
    );
    const { first, second } = pairs.reduce((best, pair) => (pair.size < best.size ? pair : best));
    return [first, second];
  }

  #arranged({ name, indices }: Operand, order: readonly string[]): string {
    const perm = order.map((index) => indices.indexOf(index));
    if (perm.every((axis, place) => axis === place)) return name;
    return this.#builder.transpose(name, perm);
  }

  /** Indices in the order of the result, so that it need not be transposed; indices that the result lacks come last. */
  #inOrder(indices: readonly string[]): readonly string[] {
    const place = (index: string) => {
      const found = this.#equation.output.indexOf(index);
      return found < 0 ? this.#equation.output.length : found;
    };
    return indices.toSorted((a, b) => place(a) - place(b));
  }

  #product(first: Operand, second: Operand, kept: readonly string[]): Operand {
    const both = shared(first.indices, second.indices);
    const inner = without(both, kept);
    return inner.length === 0
      ? this.#elementwise(first, second)
      : this.#matrixProduct(first, second, { batch: this.#inOrder(shared(both, kept)), inner });
  }

  #elementwise(first: Operand, second: Operand): Operand {
    const indices = this.#inOrder([...new Set([...first.indices, ...second.indices])]);
    const aligned = (operand: Operand) =>
      this.#builder.reshape(
        this.#arranged(operand, shared(indices, operand.indices)),
        indices.map((index) => (operand.indices.includes(index) ? this.#size([index]) : 1)),
      );
    return { name: this.#builder.mul(aligned(first), aligned(second)), indices };
  }

  #matrixProduct(
    first: Operand,
    second: Operand,
    { batch, inner }: Readonly<Record<'batch' | 'inner', readonly string[]>>,
  ): Operand {
    const own = ({ indices }: Operand) => this.#inOrder(without(without(indices, batch), inner));
    const orders = (left: Operand, right: Operand) => ({
      left: [...batch, ...own(left), ...inner],
      right: [...batch, ...inner, ...own(right)],
      result: [...batch, ...own(left), ...own(right)],
    });
    // Either operand may be on the left: the order that transposes fewer tensors is chosen.
    const transpositions = (left: Operand, right: Operand) => {
      const needed = orders(left, right);
      return (
        Number(needed.left.join() !== left.indices.join()) +
        Number(needed.right.join() !== right.indices.join()) +
        Number(needed.result.join() !== this.#inOrder(needed.result).join())
      );
    };
    const swapped = transpositions(second, first) < transpositions(first, second);
    const [left, right] = swapped ? [second, first] : [first, second];
    const [rows, columns] = [own(left), own(right)];
    const batches = batch.length === 0 ? [] : [this.#size(batch)];
    const matrix = (operand: Operand, groups: readonly (readonly string[])[]) =>
      this.#builder.reshape(this.#arranged(operand, [...batch, ...groups.flat()]), [
        ...batches,
        ...groups.map((group) => this.#size(group)),
      ]);
    const product = this.#builder.matMul(matrix(left, [rows, inner]), matrix(right, [inner, columns]));
    const indices = orders(left, right).result;
    return {
      name: this.#builder.reshape(
        product,
        indices.map((index) => this.#size([index])),
      ),
      indices,
    };
  }
}

const einsum: Composite = {
  rewrite: ({ builder, node, input }) => {
    const shapes = node.inputs.map((_, index) => builder.shape(input(index)));
    return [new Contraction(builder, node, readEquation(node, shapes)).result()];
  },
};

/** Einsum. */
export const einsums: Readonly<Record<string, Composite>> = { Einsum: einsum };
