import {
  allOutputs,
  type Analysis,
  analyze,
  type AnalyzeOptions,
  type Dataset,
  type DenseMatrix,
  type DifferentiableNetwork,
  edjmMatrix,
  isSpectrumMetric,
  type NullModel,
  type NullModelKind,
  rowsNetwork,
  withOutputKind,
} from '@edjm/core';
import { permutedColumns, redrawnNetwork } from '@edjm/network';

/** What null models of an analysis are made of. */
export interface NullModelRequest {
  readonly network: DifferentiableNetwork;
  readonly data: Dataset;
  readonly options: AnalyzeOptions;
  /** How often each is drawn: with the seeds 1 to that. */
  readonly seeds: number;
}

/** What one draw of a null model gives. */
interface Drawn {
  readonly values: Readonly<Record<string, number>>;
  readonly normalizedSpectrum: Float64Array;
}

/** Draws a null model, and averages what it gives over the seeds. */
export async function nullModel(kind: NullModelKind, request: NullModelRequest): Promise<NullModel> {
  const seeds = Array.from({ length: request.seeds }, (_, index) => index + 1);
  const draws = kind === 'init' ? await untrained(request, seeds) : await permuted(request, seeds);
  const names = Object.keys(draws[0]?.values ?? {});
  return {
    kind,
    seeds,
    metrics: Object.fromEntries(
      names.map((name) => [name, draws.map(({ values }) => values[name] as number)]),
    ),
    normalizedSpectrum: Array.from(mean(draws.map(({ normalizedSpectrum }) => normalizedSpectrum))),
  };
}

/** The same architecture with weights drawn anew. */
async function untrained(
  { network, data, options }: NullModelRequest,
  seeds: readonly number[],
): Promise<readonly Drawn[]> {
  const draws: Drawn[] = [];
  for (const seed of seeds) {
    await using redrawn = await redrawnNetwork(network, seed);
    const { metrics, normalizedSpectrum } = await analyze(redrawn, data, { ...options, ...QUIET });
    draws.push({
      values: Object.fromEntries(Object.entries(metrics).map(([name, { value }]) => [name, value])),
      normalizedSpectrum,
    });
  }
  return draws;
}

/** The network's rows with every column in an order of its own, one output at a time: its rows are computed once for all seeds. */
async function permuted(
  { network, data, options }: NullModelRequest,
  seeds: readonly number[],
): Promise<readonly Drawn[]> {
  const { outputs = allOutputs(network), inputScale, batchSize, maxMemory, outputKind } = options;
  const { accuracy, values, threads } = options;
  const target = withOutputKind(network, outputKind ?? network.outputKind);
  const metrics = (options.metrics ?? []).filter(isSpectrumMetric);
  const found: Analysis[][] = seeds.map(() => []);
  for (const output of outputs) {
    const rows = await edjmMatrix(target, data, { output, inputScale, batchSize, maxMemory });
    for (const [place, seed] of seeds.entries()) {
      const permutedRows = datasetOf(permutedColumns(rows, seed * outputs.length + output));
      const limits = { metrics, accuracy, values, threads, maxMemory };
      found[place]?.push(await analyze(rowsNetwork({ rowShape: [rows.columns] }), permutedRows, limits));
    }
  }
  return found.map((ofSeed) => ({
    values: Object.fromEntries(
      metrics.map(({ name }) => [
        name,
        ofSeed.reduce((sum, one) => sum + (one.metrics[name]?.value ?? NaN), 0) / outputs.length,
      ]),
    ),
    normalizedSpectrum: mean(ofSeed.map(({ normalizedSpectrum }) => normalizedSpectrum)),
  }));
}

/** A null model has no interval of its own, nor progress. */
const QUIET = { confidence: undefined, nearKinks: false, onProgress: undefined, stacked: false } as const;

function mean(spectra: readonly Float64Array[]): Float64Array {
  const length = Math.max(...spectra.map((spectrum) => spectrum.length));
  return Float64Array.from(
    { length },
    (_, index) => spectra.reduce((sum, spectrum) => sum + (spectrum[index] ?? 0), 0) / spectra.length,
  );
}

/** The rows of a matrix in memory. */
function datasetOf({ rows, columns, data }: DenseMatrix): Dataset {
  return {
    name: 'permuted rows',
    n: rows,
    sampleShape: [columns],
    async *batches(size) {
      for (let first = 0; first < rows; first += size) {
        const end = Math.min(first + size, rows);
        yield { rows: end - first, columns, data: data.subarray(first * columns, end * columns) };
      }
    },
    sha256: () => Promise.resolve('0'.repeat(64)),
  };
}
