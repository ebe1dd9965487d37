/**
 * How often the interval of the score holds the value of the mean data set of that size: simulated data sets of rows whose spectrum is known, and of the
 * rows of a ReLU network. Prints a table.
 *
 *   pnpm bench coverage [--sets 400] [--reference 2000]
 */
import { parseArgs } from 'node:util';
import { cpuBackend } from '@edjm/backend-cpu';
import { analyze, type Dataset, type DenseMatrix, jacobianRows, rowsNetwork } from '@edjm/core';
import { builtinMetrics, edjmScore } from '@edjm/metrics';
import { multilayerPerceptron, seededRandom } from '@edjm/network';

const { values } = parseArgs({
  options: { sets: { type: 'string', default: '400' }, reference: { type: 'string', default: '2000' } },
});
const sets = Number(values.sets);
const reference = Number(values.reference);
const D_IN = 200;
const LEVEL = 0.95;

/** Draws the rows of a data set. */
type Draw = (n: number, seed: number) => Promise<DenseMatrix>;

/** Normal rows whose columns have these standard deviations. */
function normalRows(deviation: (column: number) => number): Draw {
  return async (n, seed) => {
    const random = seededRandom(seed);
    const data = Float64Array.from({ length: n * D_IN }, (_, at) => random.normal() * deviation(at % D_IN));
    return { rows: n, columns: D_IN, data };
  };
}

/** Rows of the first output of a ReLU network at normal inputs. */
async function networkRows(): Promise<Draw> {
  const network = await cpuBackend().load(
    multilayerPerceptron({ dIn: D_IN, hidden: [60, 60], dOut: 1, seed: 3 }),
  );
  return async (n, seed) => {
    const random = seededRandom(seed);
    const data = Float64Array.from({ length: n * D_IN }, () => random.normal());
    const [rows] = await jacobianRows(network, { rows: n, columns: D_IN, data }, [0]);
    return rows as DenseMatrix;
  };
}

function datasetOf(rows: DenseMatrix): Dataset {
  return {
    name: 'rows',
    n: rows.rows,
    sampleShape: [D_IN],
    async *batches(size) {
      for (let first = 0; first < rows.rows; first += size) {
        const end = Math.min(first + size, rows.rows);
        yield { rows: end - first, columns: D_IN, data: rows.data.subarray(first * D_IN, end * D_IN) };
      }
    },
    sha256: () => Promise.resolve('0'.repeat(64)),
  };
}

const metrics = [edjmScore(), ...builtinMetrics().slice(1)];

interface Outcome {
  readonly covered: Readonly<Record<string, number>>;
  readonly width: number;
  readonly bias: number;
}

async function simulated(draw: Draw, n: number): Promise<Outcome> {
  const sums = new Map(metrics.map(({ name }) => [name, 0]));
  for (let seed = 0; seed < reference; seed++) {
    const found = await analyze(rowsNetwork({ rowShape: [D_IN] }), datasetOf(await draw(n, 1e6 + seed)), {
      metrics,
    });
    for (const [name, { value }] of Object.entries(found.metrics))
      sums.set(name, (sums.get(name) ?? 0) + value);
  }
  const hits = new Map(metrics.map(({ name }) => [name, 0]));
  let width = 0;
  let bias = 0;
  for (let seed = 0; seed < sets; seed++) {
    const found = await analyze(rowsNetwork({ rowShape: [D_IN] }), datasetOf(await draw(n, seed)), {
      metrics,
      confidence: LEVEL,
    });
    for (const [name, { interval, value }] of Object.entries(found.metrics)) {
      const truth = (sums.get(name) ?? NaN) / reference;
      if (interval && interval.low <= truth && truth <= interval.high)
        hits.set(name, (hits.get(name) ?? 0) + 1);
      if (name !== 'edjm-score' || !interval) continue;
      width += (interval.high - interval.low) / value / sets;
      bias += (interval.bias ?? NaN) / value / sets;
    }
  }
  const covered = Object.fromEntries([...hits].map(([name, count]) => [name, count / sets]));
  return { covered, width, bias };
}

const rows: Readonly<Record<string, Draw>> = {
  'ReLU network': await networkRows(),
  '1/√i': normalRows((i) => 1 / Math.sqrt(i + 1)),
  '1/i': normalRows((i) => 1 / (i + 1)),
  white: normalRows(() => 1),
};

console.log(
  `| rows | n | ${metrics.map(({ name }) => name).join(' | ')} | width of the score's interval | bias |`,
);
console.log(`| --- | --: | ${metrics.map(() => '--:').join(' | ')} | --: | --: |`);
for (const [name, draw] of Object.entries(rows)) {
  for (const n of [1000]) {
    const { covered, width, bias } = await simulated(draw, n);
    const shares = metrics.map((metric) => `${((covered[metric.name] ?? NaN) * 100).toFixed(1)} %`);
    console.log(
      `| ${name} | ${String(n)} | ${shares.join(' | ')} | ${(100 * width).toFixed(1)} % | ${(100 * bias).toFixed(1)} % |`,
    );
  }
}
