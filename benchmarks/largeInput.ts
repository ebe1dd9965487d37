/**
 * The largest singular values of one output of a convolutional network on images of 3 × 224 × 224, d_in = 150,528, by products
 * with the EDJM alone: time, passes over the data, error bounds, and the peak memory of the whole process. With
 * `--check`, the values again from J Jᵀ in float64, formed a block of rows at a time.
 *
 *     pnpm --filter @edjm/benchmarks large-input [--n 2000] [--count 200] [--block 128] [--batch 64] [--keep 400] [--check]
 */
import { parseArgs } from 'node:util';
import { onnxBackend } from '@edjm/backend-onnx';
import { jacobianOperator, jacobianRows, type Dataset, type DenseMatrix } from '@edjm/core';
import {
  type LargestSingularValues,
  largestSingularValues,
  multiply,
  symmetricEigenvalues,
} from '@edjm/linalg';
import { conv2d, dense, flatten, heNormal, relu, seededRandom, type Network } from '@edjm/network';

const CHANNELS = 3;
const SIDE = 224;
const SIZE = CHANNELS * SIDE ** 2;
/** Images are sums of random values on grids of so many squares a side, smooth between: as much of each scale, as in nature. */
const GRIDS = [2, 4, 8, 16];
const CHECKED_ROWS = 125;

const { values } = parseArgs({
  options: {
    n: { type: 'string', default: '2000' },
    count: { type: 'string', default: '200' },
    block: { type: 'string', default: '128' },
    batch: { type: 'string', default: '64' },
    keep: { type: 'string', default: '400' },
    check: { type: 'boolean', default: false },
  },
});
const n = Number(values.n);
const count = Number(values.count);
const batchSize = Number(values.batch);

/** 16c7/4-32c3/2-64c3/2-fc with ReLU: 56 × 56, 28 × 28, 14 × 14. */
function network(): Network {
  const random = seededRandom(1);
  return {
    name: 'large input',
    inputShape: [CHANNELS, SIDE, SIDE],
    layers: [
      conv2d({ weight: heNormal([16, CHANNELS, 7, 7], random), stride: 4, padding: 3 }),
      relu(),
      conv2d({ weight: heNormal([32, 16, 3, 3], random), stride: 2, padding: 1 }),
      relu(),
      conv2d({ weight: heNormal([64, 32, 3, 3], random), stride: 2, padding: 1 }),
      relu(),
      flatten(),
      dense({ weight: heNormal([10, 64 * 14 ** 2], random) }),
    ],
  };
}

/** Image `index` of the data. */
function writeImage(image: Float32Array, index: number): void {
  const { uniform } = seededRandom(1000 + index);
  image.fill(0);
  for (let channel = 0; channel < CHANNELS; channel++) {
    const pixels = image.subarray(channel * SIDE ** 2, (channel + 1) * SIDE ** 2);
    for (const grid of GRIDS) addSmooth(pixels, grid, uniform);
  }
}

/** Adds what is bilinear between random values at the corners of a grid. */
function addSmooth(pixels: Float32Array, grid: number, uniform: () => number): void {
  const corners = Float32Array.from({ length: (grid + 1) ** 2 }, () => 2 * uniform() - 1);
  const corner = (at: number): number => corners[at] ?? 0;
  const edge = SIDE / grid;
  for (let y = 0; y < SIDE; y++) {
    const top = Math.floor(y / edge);
    const down = y / edge - top;
    for (let column = 0; column < grid; column++) {
      const at = top * (grid + 1) + column;
      const left = corner(at) + down * (corner(at + grid + 1) - corner(at));
      const right = corner(at + 1) + down * (corner(at + grid + 2) - corner(at + 1));
      const first = y * SIDE + column * edge;
      for (let x = 0; x < edge; x++) {
        pixels[first + x] = (pixels[first + x] ?? 0) + left + (x / edge) * (right - left);
      }
    }
  }
}

function* images(first: number, size: number): Generator<DenseMatrix> {
  const data = new Float32Array(size * SIZE);
  for (let start = first; start < n; start += size) {
    const rows = Math.min(size, n - start);
    for (let row = 0; row < rows; row++) writeImage(data.subarray(row * SIZE, (row + 1) * SIZE), start + row);
    yield { rows, columns: SIZE, data: data.subarray(0, rows * SIZE) };
  }
}

const data: Dataset = {
  name: 'smooth images',
  n,
  sampleShape: [CHANNELS, SIDE, SIDE],
  batches: async function* (size) {
    yield* images(0, size);
  },
  sha256: () => Promise.reject(new Error('expected a file, got generated images.')),
};

const peak = (): string => `${(process.resourceUsage().maxRSS / 1000).toFixed(0)} MB`;

await using loaded = await onnxBackend().load(network());
let rowsSeen = 0;

/** In a function of its own, so that the rows it keeps are free after it. */
async function largestValues(): Promise<LargestSingularValues> {
  const operator = jacobianOperator(loaded, data, {
    output: 0,
    batchSize,
    keepRows: Number(values.keep) * 1e6,
    onRows: (rows) => (rowsSeen += rows),
  });
  return largestSingularValues(operator, { count, blockSize: Number(values.block) });
}

const start = performance.now();
const { singularValues, errorBounds, products, converged } = await largestValues();
const time = (performance.now() - start) / 1000;
const [largest = NaN] = singularValues;
console.log(
  `n = ${String(n)}, d_in = ${String(SIZE)}, the largest ${String(count)} values: ${time.toFixed(0)} s, ` +
    `${String(products)} products with blocks of ${values.block}, ${String(rowsSeen / n)} passes over the data, ${converged ? 'converged' : 'not converged'}`,
);
console.log(`values ${largest.toPrecision(7)} to ${(singularValues.at(-1) ?? NaN).toPrecision(7)}`);
console.log(
  `largest error bound ${(Math.max(...errorBounds) / largest).toExponential(1)} of the largest value`,
);
console.log(`peak memory ${peak()}`);

/** The rows of output 0 for some images, in an array of their own. */
async function rowsOf(samples: DenseMatrix): Promise<DenseMatrix> {
  const [rows] = await jacobianRows(loaded, samples, [0]);
  if (rows === undefined) throw new Error('expected rows, got none.');
  return { ...rows, data: rows.data.slice() };
}

/** Singular values from J Jᵀ, every two blocks of rows multiplied in float64. */
async function independentValues(): Promise<Float64Array> {
  const gram = new Float64Array(n * n);
  for (let first = 0; first < n; first += CHECKED_ROWS) {
    let start = first;
    let above: DenseMatrix | undefined;
    for (const samples of images(first, CHECKED_ROWS)) {
      const rows = await rowsOf(samples);
      above ??= rows;
      const products = multiply(above, rows, { transposeB: true });
      for (let i = 0, at = 0; i < above.rows; i++) {
        for (let j = 0; j < rows.rows; j++, at++) {
          gram[(first + i) * n + start + j] = gram[(start + j) * n + first + i] = products.data[at] ?? NaN;
        }
      }
      start += rows.rows;
    }
  }
  const squares = symmetricEigenvalues({ rows: n, columns: n, data: gram });
  return squares.map((square) => Math.sqrt(Math.max(0, square)));
}

if (values.check) {
  const checkStart = performance.now();
  const expected = await independentValues();
  const checkTime = (performance.now() - checkStart) / 1000;
  const errors = singularValues.map((value, i) => Math.abs(value - (expected[i] ?? NaN)));
  // What squares lose, here and there.
  const noise = 1e-12 * largest;
  const beyond = errors.filter((error, i) => !(error <= (errorBounds[i] ?? 0) + noise)).length;
  console.log(
    `against J Jᵀ, in ${checkTime.toFixed(0)} s: largest difference ${(Math.max(...errors) / largest).toExponential(1)} of the largest value, ${String(beyond)} beyond their bounds; peak memory with this check ${peak()}`,
  );
}
