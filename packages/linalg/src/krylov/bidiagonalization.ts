import type { LinearOperator } from './linearOperator.ts';
import { orthonormalize, orthonormalizeTo } from './orthonormalize.ts';
import { randomNumbers } from './randomNumbers.ts';
import { ScaledProducts } from './scaledProducts.ts';
import { transposed } from '../dense/transposed.ts';
import { placeBlock } from '../matrix/blocks.ts';
import { zeros } from '../matrix/denseMatrix.ts';
import { rowsBetween } from '../matrix/rows.ts';
import { subtractProduct } from '../matrix/subtractProduct.ts';
import type { Vectors } from './vectors.ts';

/** The known part of A: A V = U B + U₊ S except for the drift, and Aᵀ U = V Bᵀ except for rounding, with orthonormal [U, U₊]. */
export interface Bidiagonal {
  /** B: lower triangular, of two diagonals of blocks; a row for each vector of U, a column for each of V. */
  readonly matrix: Vectors;
  /** S: as many columns as the last block of V has vectors; those of the other blocks are zero. */
  readonly coupling: Vectors;
  /** The length of each column of A V − U B − U₊ S, because V is orthonormal only up to rounding errors that have grown. */
  readonly drift: Float64Array;
  /** A bound of the length of the columns of Aᵀ U − V Bᵀ. */
  readonly rounding: number;
  /** How many vectors a block has. */
  readonly blockSize: number;
}

/** The results for one block. */
interface Step {
  /** R: Bᵀ holds it on its diagonal. */
  readonly diagonal: Vectors;
  /** S: B holds it below its diagonal. */
  readonly coupling: Vectors;
  readonly drift: Float64Array;
}

/**
 * Block Golub-Kahan bidiagonalization of A, which is J or Jᵀ, whichever has fewer rows:
 *
 * Aᵀ Uⱼ = Vⱼ₋₁ Sⱼ₋₁ᵀ + Vⱼ Rⱼ and A Vⱼ = Uⱼ Rⱼᵀ + Uⱼ₊₁ Sⱼ.
 *
 * All of U, the short vectors, is kept and orthogonalized in full; of V, the long ones, only the last block is kept. If a
 * block of U would have fewer than `blockSize` vectors, random ones that are orthogonal to all others fill it up.
 *
 * Source: Golub, Luk and Overton, "A block Lanczos method for computing the singular values and corresponding singular
 * vectors of a matrix", 1981; that one side is enough to orthogonalize: Simon and Zha, "Low-rank matrix approximation
 * using the Lanczos bidiagonalization process with applications", 2000.
 */
export class Bidiagonalization {
  readonly #products: ScaledProducts;
  readonly #random: () => number;
  readonly #blockSize: number;
  readonly #steps: Step[] = [];
  readonly #short: Vectors[] = [];
  #long: Vectors;
  #next: Vectors;
  #complete = false;

  constructor(operator: LinearOperator, { blockSize, seed }: { blockSize: number; seed: number }) {
    this.#products = new ScaledProducts(operator);
    this.#random = randomNumbers(seed);
    this.#blockSize = blockSize;
    this.#long = zeros(0, this.#products.long);
    this.#next = this.#filled(zeros(0, this.#products.short));
  }

  /** How many vectors U has, and B rows. */
  get order(): number {
    return this.#short.reduce((sum, { rows }) => sum + rows, 0);
  }

  /** How many products with a block there were. */
  get products(): number {
    return this.#products.count;
  }

  /** The factor from the singular values of B to those of J. */
  get scale(): number {
    return this.#products.scale;
  }

  /** Whether B has all singular values of A except zeros: U is a whole basis, or random vectors had no image. */
  get complete(): boolean {
    return this.#complete;
  }

  /** Takes one more block, by a product with Aᵀ and one with A. Not to be called when complete. */
  async step(): Promise<void> {
    const block = this.#next;
    this.#short.push(block);
    const previous = this.#steps.at(-1);
    const images = await this.#products.transposedTimes(block);
    if (previous !== undefined) subtractProduct(images, [previous.coupling, this.#long]);
    const { vectors, factor } = orthonormalize(images, this.#products.rounding);
    this.#long = vectors;

    const { found, coupling, drift } = await this.#residuals(block, factor);
    this.#next = this.#filled(found);
    const below = zeros(this.#next.rows, vectors.rows);
    placeBlock(below, coupling, { row: 0, column: 0 });
    this.#steps.push({ diagonal: factor, coupling: below, drift });
    const unrelated = previous === undefined || previous.coupling.data.every((entry) => entry === 0);
    this.#complete = this.order === this.#products.short || (unrelated && vectors.rows === 0);
  }

  /** The remainder A V − U B of the last block. */
  async #residuals(
    block: Vectors,
    diagonal: Vectors,
  ): Promise<{ found: Vectors; coupling: Vectors; drift: Float64Array }> {
    const drift = new Float64Array(this.#long.rows);
    if (this.#long.rows === 0) {
      return { found: zeros(0, this.#products.short), coupling: zeros(0, 0), drift };
    }
    const images = await this.#products.times(this.#long);
    subtractProduct(images, [diagonal, block]);
    const { vectors, factor, coefficients } = orthonormalizeTo(this.#short, images, this.#products.rounding);
    for (const { rows, columns, data } of coefficients) {
      for (let at = 0; at < rows * columns; at++) {
        drift[at % columns] = Math.hypot(drift[at % columns] as number, data[at] as number);
      }
    }
    const room = Math.min(vectors.rows, this.#products.short - this.order);
    return { found: rowsBetween(vectors, 0, room), coupling: rowsBetween(factor, 0, room), drift };
  }

  /** A block for the next step: the vectors found, filled up with random ones. */
  #filled(found: Vectors): Vectors {
    const length = this.#products.short;
    const count = Math.min(this.#blockSize, length - this.order);
    const block = zeros(count, length);
    for (let at = 0; at < block.data.length; at++) block.data[at] = this.#random();
    placeBlock(block, found, { row: 0, column: 0 });
    const random = { ...block, rows: count - found.rows, data: block.data.subarray(found.data.length) };
    if (random.rows > 0) orthonormalizeTo([...this.#short, found], random, 0);
    return block;
  }

  /** The known part of A so far. */
  bidiagonal(): Bidiagonal {
    const steps = this.#steps;
    const columns = steps.reduce((sum, { drift }) => sum + drift.length, 0);
    const matrix = zeros(this.order, columns);
    let row = 0;
    let column = 0;
    for (const [index, { diagonal, coupling }] of steps.entries()) {
      placeBlock(matrix, transposed(diagonal), { row, column });
      row += diagonal.columns;
      if (index + 1 < steps.length) placeBlock(matrix, coupling, { row, column });
      column += diagonal.rows;
    }
    return {
      matrix,
      coupling: steps.at(-1)?.coupling ?? zeros(0, 0),
      drift: Float64Array.from(steps.flatMap(({ drift }) => [...drift])),
      rounding: this.#products.rounding,
      blockSize: this.#blockSize,
    };
  }
}
