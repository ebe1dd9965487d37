/** The request to {@link largestSingularValues}. */
export interface KrylovSize {
  /** n. */
  readonly rows: number;
  /** d. */
  readonly columns: number;
  /** How many singular values are wanted. */
  readonly count: number;
}

/**
 * Vectors for each wanted value, and blocks besides: the numbers that spectra of Jacobians took in experiments, and some
 * more.
 */
const VECTORS_FOR_EACH = 4;
const BLOCKS_BESIDES = 5;

/** Blocks of long vectors at once: the last ones, a product, and its transpose; and one that is garbage by that time. */
const LONG_BLOCKS = 4;
const SHORT_BLOCKS = 4;

/** Matrices of the order of the small problem that its singular vectors take. */
const SMALL_MATRICES = 10;

/** Wider blocks hardly save any more products, and delay the first look at the values. */
const WIDEST_BLOCK = 128;

/** Vectors that suffice, about. */
function vectorsFor({
  rows,
  columns,
  count,
  blockSize,
}: KrylovSize & { readonly blockSize: number }): number {
  const enough = VECTORS_FOR_EACH * count + BLOCKS_BESIDES * blockSize;
  const short = Math.min(rows, columns);
  return Math.min(short, Math.ceil(enough / blockSize) * blockSize);
}

/**
 * About how many products with a block {@link largestSingularValues} takes, each a pass over the data. It takes fewer if
 * singular values fall off fast, and more, up to twice min(n, d) / blockSize, if they hardly fall.
 */
export function krylovPasses(size: KrylovSize & { readonly blockSize: number }): number {
  return 2 * Math.ceil(vectorsFor(size) / size.blockSize);
}

/**
 * The bytes that {@link largestSingularValues} holds at its peak, without the memory of the products: an upper estimate if
 * {@link krylovPasses} is an upper estimate of the products.
 */
export function krylovBytes(size: KrylovSize & { readonly blockSize: number }): number {
  const { rows, columns } = size;
  const short = Math.min(rows, columns);
  const blockSize = Math.min(size.blockSize, short);
  const vectors = vectorsFor({ ...size, blockSize });
  const numbers =
    (vectors + SHORT_BLOCKS * blockSize) * short +
    LONG_BLOCKS * blockSize * Math.max(rows, columns) +
    SMALL_MATRICES * vectors ** 2;
  return Float64Array.BYTES_PER_ELEMENT * numbers;
}

/**
 * The block size with which {@link largestSingularValues} takes the fewest passes over the data that memory allows: half of
 * `count`, but 8 to 128, halved until it fits; at least 1.
 *
 * @param size - `bytes`: what it may hold.
 */
export function krylovBlockSize({ bytes, ...size }: KrylovSize & { readonly bytes: number }): number {
  let blockSize = Math.min(
    size.rows,
    size.columns,
    Math.max(8, Math.min(WIDEST_BLOCK, Math.ceil(size.count / 2))),
  );
  while (blockSize > 1 && krylovBytes({ ...size, blockSize }) > bytes) blockSize = Math.floor(blockSize / 2);
  return blockSize;
}
