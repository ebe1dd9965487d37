import { type AccumulatorState, bytesOfState, checkSize, checkState } from './accumulatorState.ts';
import { checkCount, checkFactor, checkFinite, checkShape } from '../matrix/checkMatrix.ts';
import type { DenseMatrix, Float64Matrix } from '../matrix/denseMatrix.ts';
import { gramAccumulator } from './gramAccumulator.ts';
import { multiply } from '../matrix/matrixProducts.ts';
import { diagonalOf, toDense, zeroTriangle } from '../matrix/packedTriangle.ts';
import { errorNorm, errorOfPanels, EXACT } from '../rounding/productError.ts';
import { euclideanNorm, largestSize } from '../rounding/powersOfTwo.ts';
import { SLACK, SMALLEST, sumError, UNIT_ROUNDOFF } from '../rounding/roundingError.ts';
import { addProductsOfColumns, addProductsOfRows } from '../matrix/rowProducts.ts';
import {
  checkDiagonal,
  type FinishOptions,
  type Spectrum,
  type SpectrumAccumulator,
} from './spectrumAccumulator.ts';
import {
  checkSpectrumOptions,
  checkSquares,
  eigenvaluesOfProducts,
  type ProductsOfRows,
} from './spectrumOfProducts.ts';
import { symmetricEigen } from '../decompositions/symmetricEigen.ts';
import { eigenvalueErrorBound, symmetricEigenvalues } from '../solvers/symmetricEigenvalues.ts';

/** Options of {@link frequentDirectionsAccumulator}. */
export interface FrequentDirectionsOptions {
  /** ℓ: how many singular values are of interest. Memory and the quality of their bounds grow with it. */
  readonly directions: number;
}

/** A {@link SpectrumAccumulator} that keeps a sketch of J. */
export interface FrequentDirectionsAccumulator extends SpectrumAccumulator {
  /** ℓ. */
  readonly directions: number;
  /**
   * Δ: a bound of the part that was left out, JᵀJ ≤ BᵀB + Δ I for the sketch B; 0 as long as J has no more than 2 ℓ rows,
   * and some 1e-16 of the largest square if it has no more than ℓ directions.
   */
  readonly leftOut: number;
  /** B, the rows of the sketch: a view that the next call may change. */
  sketch(): DenseMatrix;
}

/**
 * An accumulator with a fixed memory, 2 ℓ × d numbers, for the largest singular values of any number of rows: it keeps
 * a sketch B of J with BᵀB ≤ JᵀJ ≤ BᵀB + Δ I and so σᵢ(B)² ≤ σᵢ(J)² ≤ σᵢ(B)² + Δ. Whenever the sketch has 2 ℓ rows, they
 * are rotated to their principal directions, and the (ℓ + 1)-th square is subtracted from each square. Δ is the sum of the
 * subtracted squares. It is at most Σ σᵢ(J)² over i > k, divided by ℓ + 1 − k, for every k ≤ ℓ.
 *
 * A value is given as the upper end of its interval, √(σᵢ(B)² + Δ), with the whole width as the bound: a direction that
 * stands out loses nearly all of Δ, so that its value is far better than the bound says. A direction that stands out less
 * is overestimated more. Values beyond the sketch come out as 0 with the bound √Δ. Rounding adds to all bounds some 1e-15
 * of the largest square for each time that the sketch was full. If J has at most ℓ directions, rounding is the only loss;
 * if it has at most 2 ℓ rows, nothing is lost. When sketches merge, their Δ add up.
 *
 * @param columns - d, at least 1.
 * @throws RangeError if a number is not a count of at least 1.
 *
 * Source: Liberty, "Simple and deterministic matrix sketching", 2013; Ghashami, Liberty, Phillips, Woodruff, "Frequent
 * directions: simple and deterministic matrix sketching", 2016; for adding Δ back: Desai, Ghashami, Phillips, "Improved
 * practical matrix sketching with guarantees", 2016.
 *
 * @example
 * ```ts
 * import { frequentDirectionsAccumulator } from '@edjm/linalg';
 *
 * const accumulator = frequentDirectionsAccumulator(3, { directions: 2 });
 * for (let i = 0; i < 100; i++) accumulator.add({ rows: 1, columns: 3, data: Float64Array.of(i % 2, 1 - (i % 2), 0) });
 * const { singularValues } = await accumulator.finish();
 * console.log(singularValues); // the root of 50, twice, and 0 to within its bound
 * ```
 */
export function frequentDirectionsAccumulator(
  columns: number,
  { directions }: FrequentDirectionsOptions,
): FrequentDirectionsAccumulator {
  checkCount(columns, 'the number of columns', 1);
  checkCount(directions, 'the number of directions', 1);
  return new Sketch({ columns, directions, rows: 0, kept: new Float64Array(0), leftOut: 0, rounding: 0 });
}

/** The accumulator that was made into this state. */
export function frequentDirectionsOfState(state: AccumulatorState): FrequentDirectionsAccumulator {
  const { columns, rows, counters, entries } = state;
  const [directions = 0, kept = 0, leftOut = 0, rounding = 0] = counters;
  checkCount(directions, 'the number of directions', 1);
  checkCount(kept, 'the number of rows of the sketch', 0);
  const most = Math.min(rows, 2 * mostDirections({ columns, directions }));
  checkState(state, { counters: 4, entries: Math.min(kept, most) * columns });
  checkSize(leftOut, 'a sum of squares left out');
  checkSize(rounding, 'an absolute error');
  return new Sketch({ columns, directions, rows, kept: entries, leftOut, rounding });
}

interface SketchState {
  readonly columns: number;
  readonly directions: number;
  readonly rows: number;
  /** The rows of the sketch. */
  readonly kept: Float64Array;
  readonly leftOut: number;
  /** A bound, in norm, of the change that rounding has made to the difference JᵀJ − BᵀB. */
  readonly rounding: number;
}

class Sketch implements FrequentDirectionsAccumulator {
  readonly method = 'frequent-directions';
  readonly columns: number;
  readonly directions: number;
  #rows: number;
  #leftOut: number;
  #rounding: number;
  /** Room for 2 ℓ rows from the first on, of which so many are in use. */
  #data: Float64Array;
  #kept: number;

  constructor({ columns, directions, rows, kept, leftOut, rounding }: SketchState) {
    this.columns = columns;
    this.directions = directions;
    this.#rows = rows;
    this.#data = kept;
    this.#kept = kept.length / columns;
    this.#leftOut = leftOut;
    this.#rounding = rounding;
  }

  get rows(): number {
    return this.#rows;
  }

  get leftOut(): number {
    return this.#leftOut;
  }

  /** @throws RangeError also if rows are to be summed up whose squares overflow. */
  add(block: DenseMatrix): void {
    checkShape(block, this.columns);
    checkFinite(block);
    this.#append(block);
    this.#rows += block.rows;
  }

  merge(other: SpectrumAccumulator): void {
    if (!(other instanceof Sketch)) {
      throw new RangeError(
        `expected an accumulator of frequent directions, got one of ${other.method}. Merge into gramAccumulator instead.`,
      );
    }
    checkShape(other.sketch(), this.columns);
    // A copy, should it be this one.
    this.#append({ ...other.sketch(), data: other.sketch().data.slice() });
    this.#rows += other.#rows;
    this.#leftOut += other.#leftOut;
    this.#rounding += other.#rounding;
  }

  times(matrix: DenseMatrix): FrequentDirectionsAccumulator {
    checkFactor(matrix, this.columns);
    const factor = euclideanNorm(matrix.data);
    const size = euclideanNorm(this.sketch().data);
    const underflow = Math.sqrt(this.#kept * matrix.columns) * this.columns * SMALLEST;
    // ‖|B| |M|‖ ≤ ‖B‖ ‖M‖ in the Frobenius norm, and twice the norm of B M for its square.
    const rounding = sumError(this.columns) * size * factor + underflow;
    const product = new Sketch({
      columns: matrix.columns,
      directions: this.directions,
      rows: this.#rows,
      kept: new Float64Array(0),
      leftOut: this.#leftOut === 0 ? 0 : this.#leftOut * squaredNormBound(matrix),
      rounding: (this.#rounding * factor * factor + rounding * (2 * size * factor + rounding)) * SLACK,
    });
    product.#append(multiply(this.sketch(), matrix));
    return product;
  }

  scaleColumns(diagonal: ArrayLike<number>): void {
    checkDiagonal(diagonal, this.columns);
    const { data } = this.sketch();
    for (let at = 0; at < data.length; at++) {
      data[at] = (data[at] as number) * (diagonal[at % this.columns] as number);
    }
    const largest = largestSize(diagonal);
    const size = euclideanNorm(data);
    const rounding = 2 * UNIT_ROUNDOFF * size + Math.sqrt(data.length) * SMALLEST;
    this.#leftOut = this.#leftOut === 0 ? 0 : this.#leftOut * largest * largest * SLACK + SMALLEST;
    this.#rounding =
      (this.#rounding * largest * largest + rounding * (2 * size + rounding)) * SLACK + SMALLEST;
  }

  sketch(): Float64Matrix {
    const { columns } = this;
    return { rows: this.#kept, columns, data: this.#data.subarray(0, this.#kept * columns) };
  }

  gram(): DenseMatrix {
    return this.#sum().gram();
  }

  gramErrorBound(): number {
    return (this.#leftOut + this.#rounding + this.#sum().gramErrorBound()) * SLACK;
  }

  toBytes(): Uint8Array {
    return bytesOfState({
      method: this.method,
      columns: this.columns,
      rows: this.#rows,
      counters: [this.directions, this.#kept, this.#leftOut, this.#rounding],
      entries: this.sketch().data,
    });
  }

  async finish(options: FinishOptions = {}): Promise<Spectrum> {
    checkSpectrumOptions(this.#rows, options.largest);
    const leftOut = this.#leftOut;
    checkSquares([leftOut]);
    const rounding = this.#rounding;
    const rows = this.#rows;
    const count = Math.min(rows, this.columns, options.largest ?? Infinity);
    const { eigenvalues, error } = await eigenvaluesOfProducts(this.#productsOfSketch(), options);
    const between = { leftOut, rounding: rounding + error };
    const errorBounds = new Float64Array(count);
    const singularValues = new Float64Array(count);
    for (let i = 0; i < count; i++) {
      const { value, bound } = valueOf(eigenvalues[i], between);
      singularValues[i] = value;
      errorBounds[i] = bound;
    }
    return { singularValues, errorBounds, rows };
  }

  #sum(): SpectrumAccumulator {
    const sum = gramAccumulator(this.columns);
    sum.add(this.sketch());
    return sum;
  }

  #productsOfSketch(): ProductsOfRows {
    const { columns } = this;
    const products = zeroTriangle(this.#kept);
    addProductsOfRows(products, this.sketch());
    return { products, error: errorOfPanels(EXACT, columns, this.#kept), rows: this.#kept, columns };
  }

  /** Copies rows into the sketch, which is shrunk whenever it is full. */
  #append({ rows, columns, data }: DenseMatrix): void {
    const room = 2 * mostDirections(this);
    if (this.#kept + rows > room) {
      // Checked before anything changes: no sum in any of the steps is larger.
      const squares = euclideanNorm(this.sketch().data) ** 2 + euclideanNorm(data) ** 2;
      checkSquares([2 * squares]);
    }
    this.#makeRoom(rows);
    for (let row = 0; row < rows;) {
      if (this.#kept === room) this.#shrink();
      const count = Math.min(rows - row, room - this.#kept);
      this.#data.set(data.subarray(row * columns, (row + count) * columns), this.#kept * columns);
      this.#kept += count;
      row += count;
    }
  }

  #makeRoom(rows: number): void {
    const length = 2 * mostDirections(this) * this.columns;
    if (rows === 0 || this.#data.length >= length) return;
    const kept = this.#data;
    this.#data = new Float64Array(length);
    this.#data.set(kept);
  }

  /**
   * B ← D Uᵀ B for the eigenvectors U of B Bᵀ and Dᵢ² = max(0, 1 − δ / λᵢ), δ the (ℓ + 1)-th eigenvalue: at most ℓ rows are
   * left, and Bᵀ B loses Σ min(λᵢ, δ) vᵢ vᵢᵀ, between 0 and δ I.
   */
  #shrink(): void {
    const full = this.sketch();
    const { products, error } = this.#productsOfSketch();
    const { values, vectors } = symmetricEigen(toDense(products));
    const directions = mostDirections(this);
    const least = Math.max(0, values[directions] ?? 0);
    let count = 0;
    while (count < directions && (values[count] as number) > least) count++;
    const weighted = new Float64Array(count * full.rows);
    for (let i = 0, at = 0; i < count; i++) {
      const weight = Math.sqrt(1 - least / (values[i] as number));
      for (let j = 0; j < full.rows; j++, at++) weighted[at] = weight * (vectors.data[at] as number);
    }
    const squares = diagonalOf(products);
    this.#data.set(multiply({ rows: count, columns: full.rows, data: weighted }, full).data);
    this.#kept = count;
    this.#leftOut += least;
    this.#rounding += errorNorm(error, squares) + errorOfShrinking(squares, { count, columns: this.columns });
  }
}

/** ℓ, or d if that is less, because a sketch with as many rows as columns leaves nothing out. */
function mostDirections({ columns, directions }: { columns: number; directions: number }): number {
  return Math.min(columns, directions);
}

/**
 * By how much rounding may have changed Bᵀ B in B ← D Uᵀ B, given the squares of the norms of its rows.
 *
 * With U off an orthogonal matrix by o, and Λ off Uᵀ (B Bᵀ) U by o λ₁, the loss is off by 5 o λ₁ (U stands twice in it, and
 * twice in Λ); entries of D² are off by 4 u. The product is off by γ ‖D Uᵀ‖ ‖B‖ in the Frobenius norm.
 */
function errorOfShrinking(
  squares: Float64Array,
  { count, columns }: { readonly count: number; readonly columns: number },
): number {
  const rows = squares.length;
  const trace = squares.reduce((sum, square) => sum + square, 0);
  const ofEigenvectors = 5 * eigenvalueErrorBound(rows, trace) + 4 * UNIT_ROUNDOFF * trace;
  const underflow = Math.sqrt(count * columns) * rows * SMALLEST;
  const ofProduct = sumError(rows + 4) * Math.sqrt(count * trace) + underflow;
  return (ofEigenvectors + ofProduct * (2 * Math.sqrt(trace) + ofProduct)) * SLACK;
}

/** A bound of ‖M‖₂². */
function squaredNormBound(matrix: DenseMatrix): number {
  const { rows, columns, data } = matrix;
  if (euclideanNorm(data) ** 2 > Number.MAX_VALUE / 2) return Infinity;
  const wide = columns > rows;
  const products = zeroTriangle(Math.min(rows, columns));
  (wide ? addProductsOfRows : addProductsOfColumns)(products, matrix);
  const error = errorOfPanels(EXACT, Math.max(rows, columns), products.order);
  const [largest = 0] = symmetricEigenvalues(toDense(products), { largest: 1 });
  const norm = largest + errorNorm(error, diagonalOf(products));
  return (norm + eigenvalueErrorBound(products.order, norm)) * SLACK;
}

/**
 * A singular value and its bound: its square is between λ − r and λ + Δ + r for an eigenvalue λ of B Bᵀ, or for none
 * between 0 and Δ + r.
 */
function valueOf(
  lambda: number | undefined,
  { leftOut, rounding }: { readonly leftOut: number; readonly rounding: number },
): { readonly value: number; readonly bound: number } {
  if (lambda === undefined) return { value: 0, bound: Math.sqrt(leftOut + rounding) * SLACK };
  const value = Math.sqrt(Math.max(0, lambda) + leftOut);
  const low = Math.sqrt(Math.max(0, lambda - rounding));
  const high = Math.sqrt(Math.max(0, lambda + leftOut + rounding));
  return { value, bound: (Math.max(value - low, high - value) + 4 * UNIT_ROUNDOFF * value) * SLACK };
}
