/**
 * Spectra of one output of a convolutional network on images of 3 × 224 × 224, d_in = 150,528, too wide for Gram matrices: the largest
 * values by block Krylov, and all of them from J Jᵀ in blocks. Time, passes over the data, error bounds, how far the two are apart,
 * and the peak memory of the whole process.
 *
 *     pnpm bench large-input [--n 2000] [--count 200] [--memory 1000]
 */
import { parseArgs } from 'node:util';
import { onnxBackend } from '@edjm/backend-onnx';
import { analyze, type AnalyzeOptions, explainAnalysis, type Dataset } from '@edjm/core';
import { conv2d, dense, flatten, heNormal, relu, seededRandom, type Network } from '@edjm/network';

const CHANNELS = 3;
const SIDE = 224;
const SIZE = CHANNELS * SIDE ** 2;
/** Images are sums of random values on grids of so many squares a side, smooth between: as much of each scale, as in nature. */
const GRIDS = [2, 4, 8, 16];

const { values } = parseArgs({
  options: {
    n: { type: 'string', default: '2000' },
    count: { type: 'string', default: '200' },
    memory: { type: 'string', default: '1000' },
  },
});
const n = Number(values.n);
const maxMemory = Number(values.memory) * 1e6;

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

const data: Dataset = {
  name: 'smooth images',
  n,
  sampleShape: [CHANNELS, SIDE, SIDE],
  batches: async function* (size) {
    const data = new Float32Array(size * SIZE);
    for (let first = 0; first < n; first += size) {
      const rows = Math.min(size, n - first);
      for (let row = 0; row < rows; row++) {
        writeImage(data.subarray(row * SIZE, (row + 1) * SIZE), first + row);
      }
      yield { rows, columns: SIZE, data: data.subarray(0, rows * SIZE) };
    }
  },
  sha256: () => Promise.reject(new Error('expected a file, got generated images.')),
};

await using loaded = await onnxBackend().load(network());

async function spectrumBy(method: 'krylov' | 'dual-blocks', options: AnalyzeOptions): Promise<Float64Array> {
  let rows = 0;
  const run: AnalyzeOptions = { method, outputs: [0], maxMemory, accuracy: 1e-4, ...options };
  const { plan } = await explainAnalysis(loaded, data, run);
  const { outputs, seconds } = await analyze(loaded, data, {
    ...run,
    onProgress: ({ phase, done }) => {
      if (phase === 'jacobian') rows = done;
    },
  });
  const [{ singularValues, errorBounds } = { singularValues: new Float64Array(), errorBounds: [] }] = outputs;
  const worst = Math.max(...errorBounds) / (singularValues[0] ?? NaN);
  const peak = (process.resourceUsage().maxRSS / 1000).toFixed(0);
  console.log(
    `${method}: ${String(singularValues.length)} values in ${seconds.toFixed(0)} s, ${(rows / n).toFixed(1)} passes, ` +
      `blocks of ${String(plan.blockSize ?? 0)}, batches of ${String(plan.batchSize)}, largest error bound ${worst.toExponential(1)} of the largest value, ` +
      `peak memory so far ${peak} MB (planned ${(plan.bytes / 1e6).toFixed(0)} MB beside the program)`,
  );
  return singularValues;
}

const some = await spectrumBy('krylov', { values: Number(values.count), accuracy: 1e-6 });
const all = await spectrumBy('dual-blocks', {});
const apart = some.map((value, index) => Math.abs(value - (all[index] ?? NaN)));
console.log(
  `n = ${String(n)}, d_in = ${String(SIZE)}: values ${(some[0] ?? NaN).toPrecision(7)} to ${(some.at(-1) ?? NaN).toPrecision(7)}, ` +
    `largest difference ${(Math.max(...apart) / (some[0] ?? NaN)).toExponential(1)} of the largest value`,
);
