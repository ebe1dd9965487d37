/**
 * The figures and tables of the page "Reading the numbers": the demo's networks against fresh weights, on fewer samples, at other percentiles, as probabilities, and with scaled inputs.
 * Writes the figures into apps/docs/figures and prints the tables.
 *
 *   pnpm bench reading-numbers
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { onnxBackend } from '@edjm/backend-onnx';
import { analyze, type AnalyzeOptions, type Dataset, type DifferentiableNetwork } from '@edjm/core';
import { openDataset } from '@edjm/datasets';
import { edjmScore, effectiveRank } from '@edjm/metrics';
import { redrawnNetwork } from '@edjm/network';
import { spectrumFigure, type SpectrumSeries } from '@edjm/plot';

const NAMES = ['relu-1x240', 'relu-2x240', 'relu-3x240'] as const;
const examples = new URL('../examples/', import.meta.url);
const figures = new URL('../apps/docs/figures/', import.meta.url);
const metrics = [edjmScore(), effectiveRank()];

const digits = (limit: number, scale?: number): Promise<Dataset> =>
  openDataset('sample:digits', { limit, ...(scale !== undefined && { scale }) });

async function load(name: string): Promise<DifferentiableNetwork> {
  return onnxBackend().load(await readFile(new URL(`${name}.onnx`, examples)));
}

interface Found {
  readonly score: number;
  readonly rank: number;
  readonly spectrum: Float64Array;
}

async function found(
  network: DifferentiableNetwork,
  data: Dataset,
  options: AnalyzeOptions = {},
): Promise<Found> {
  const analysis = await analyze(network, data, { metrics, ...options });
  return {
    score: analysis.metrics['edjm-score']?.value ?? NaN,
    rank: analysis.metrics['effective-rank']?.value ?? NaN,
    spectrum: analysis.normalizedSpectrum,
  };
}

function table(titles: readonly string[], rows: readonly (readonly (string | number)[])[]): void {
  const cell = (value: string | number) => (typeof value === 'number' ? value.toFixed(2) : value);
  console.log(`\n| ${titles.join(' | ')} |\n| ${titles.map(() => '---').join(' | ')} |`);
  for (const row of rows) console.log(`| ${row.map(cell).join(' | ')} |`);
}

await mkdir(figures, { recursive: true });
const whole = await digits(10_000);

// Fresh weights.
const trainedAndFresh: (string | number)[][] = [];
const curves: SpectrumSeries[] = [];
for (const name of NAMES) {
  await using network = await load(name);
  const trained = await found(network, whole);
  const scores: number[] = [];
  let fresh: Found | undefined;
  for (const seed of [1, 2, 3]) {
    await using redrawn = await redrawnNetwork(network, seed);
    fresh = await found(redrawn, whole);
    scores.push(fresh.score);
  }
  const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
  trainedAndFresh.push([name, trained.score, mean, trained.rank, fresh?.rank ?? NaN]);
  curves.push({ label: name, values: trained.spectrum, score: trained.score });
  curves.push({ label: `${name}, fresh weights`, values: fresh?.spectrum ?? [1], score: mean, isNull: true });
}
table(
  ['network', 'score', 'score of fresh weights', 'effective rank', 'effective rank of fresh weights'],
  trainedAndFresh,
);
const size = Math.floor((784 - 1) * 0.1);
await writeFile(
  new URL('freshWeights.svg', figures),
  spectrumFigure(curves, {
    region: { count: size, label: 'ε' },
    ordered: true,
    caption: 'The networks of the demo on 10,000 digits, and the same architectures with weights drawn anew.',
  }),
);

// Fewer samples.
const sizes = [50, 100, 200, 500, 1000, 2000, 5000, 10_000];
const bySize: (string | number)[][] = [];
for (const n of sizes) {
  const row: (string | number)[] = [n.toLocaleString('en')];
  for (const name of NAMES) {
    await using network = await load(name);
    row.push((await found(network, await digits(n))).score);
  }
  bySize.push(row);
}
table(['n', ...NAMES], bySize);

// Other percentiles.
const byPercentile: (string | number)[][] = [];
for (const percentile of [80, 85, 90, 95, 98]) {
  const row: (string | number)[] = [String(percentile)];
  for (const name of NAMES) {
    await using network = await load(name);
    row.push((await found(network, whole, { metrics: [edjmScore({ percentile }), effectiveRank()] })).score);
  }
  byPercentile.push(row);
}
table(['percentile', ...NAMES], byPercentile);

// Logits, probabilities, scaled inputs.
const byKind: (string | number)[][] = [];
for (const [label, options, factors] of [
  ['logits', {}, undefined],
  ['probabilities', { outputKind: 'probability' }, undefined],
  ['log-probabilities', { outputKind: 'log-probability' }, undefined],
  ['logits, with respect to inputs times 255', { inputScale: 1 / 255 }, undefined],
  [
    'logits, the outer half of the inputs times 10',
    {},
    Float64Array.from({ length: 784 }, (_, i) => (i < 196 || i >= 588 ? 10 : 1)),
  ],
] as const) {
  const row: (string | number)[] = [label];
  for (const name of NAMES) {
    await using network = await load(name);
    row.push((await found(network, whole, { ...options, ...(factors && { inputScale: factors }) })).score);
  }
  byKind.push(row);
}
table(['rows', ...NAMES], byKind);
