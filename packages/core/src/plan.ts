import { EdjmError } from './errors.ts';
import type { DifferentiableNetwork } from './network.ts';

/**
 * How the singular values are computed:
 * - `dual`: for n ≤ d_in, the rows are kept and J Jᵀ (n × n) is formed in float64;
 * - `gram-float64`: rows come out of the engine and JᵀJ is accumulated from them in float64;
 * - `gram`: the engine forms JᵀJ of each batch in its own precision, and the batches are summed in float64.
 */
export type SpectrumMethod = 'dual' | 'gram-float64' | 'gram';

/** What a run will do, decided before it starts. */
export interface Plan {
  readonly method: SpectrumMethod;
  readonly batchSize: number;
  /** Outputs that are computed in one pass over the data. */
  readonly groups: readonly (readonly number[])[];
  /** Bytes of working memory at the peak. */
  readonly bytes: number;
}

/** What the plan depends on. */
export interface PlanRequest {
  readonly network: DifferentiableNetwork;
  readonly n: number;
  readonly outputs: readonly number[];
  /** Bytes. */
  readonly maxMemory: number;
  readonly batchSize?: number;
}

/**
 * Up to this many multiplications the products of the rows are formed in float64 outside the engine: seconds at most,
 * and small singular values keep their digits.
 */
const FLOAT64_PRODUCTS = 4e9;

const FLOAT64 = Float64Array.BYTES_PER_ELEMENT;

function chooseMethod({ network, n, outputs }: PlanRequest): SpectrumMethod {
  const d = network.inputSize;
  if (n <= d) return 'dual';
  const multiplications = (n * d * d * outputs.length) / 2;
  return network.gram === undefined || multiplications <= FLOAT64_PRODUCTS ? 'gram-float64' : 'gram';
}

/** Bytes that the accumulators of so many outputs hold, with what taking one spectrum needs on top. */
function accumulatorBytes({ network, n }: PlanRequest, method: SpectrumMethod, outputs: number): number {
  const d = network.inputSize;
  if (method === 'dual') return FLOAT64 * (outputs * n * d + n * n);
  const triangle = (d * (d + 1)) / 2;
  return FLOAT64 * triangle * (outputs + 1);
}

/** Bytes of a batch on its way through the engine: samples, cotangents, results, and the engine's own workspace. */
function batchBytes(
  { network }: PlanRequest,
  method: SpectrumMethod,
  size: { readonly batch: number; readonly outputs: number },
): number {
  const { batch, outputs } = size;
  const { inputSize, outputSize } = network;
  const width = network.precision === 'float64' ? FLOAT64 : Float32Array.BYTES_PER_ELEMENT;
  const result = method === 'gram' ? outputs * inputSize * inputSize : outputs * batch * inputSize;
  const crossing = width * (batch * inputSize + outputs * batch * outputSize + result);
  return crossing + network.workspaceBytes(batch, outputs);
}

function planBytes(
  request: PlanRequest,
  method: SpectrumMethod,
  size: { readonly batch: number; readonly outputs: number },
): number {
  return accumulatorBytes(request, method, size.outputs) + batchBytes(request, method, size);
}

/** Halves of a number down to 1: 10, 5, 2, 1. */
function halvings(largest: number): number[] {
  const values: number[] = [];
  for (let value = largest; value >= 1; value = Math.floor(value / 2)) values.push(value);
  return values;
}

/** Below this batch size an engine's products are thin: rather fewer outputs at once than fewer samples. */
const SMALL_BATCH = 32;

/**
 * Chooses the method, the batch size and how many outputs are computed at once, so that the working memory stays below
 * the limit: the largest batch first, then fewer outputs in a pass, then smaller batches.
 *
 * @throws EdjmError `MEMORY_LIMIT` with what the smallest plan needs, where even that is above the limit.
 */
export function planRun(request: PlanRequest): Plan {
  const { network, n, outputs, maxMemory } = request;
  const preferred = Math.min(request.batchSize ?? network.preferredBatchSize, n);
  const batches = request.batchSize === undefined ? halvings(preferred) : [preferred];
  const method = chooseMethod(request);
  const candidates = [
    ...batches.filter((batch) => batch >= SMALL_BATCH).map((batch) => ({ batch, outputs: outputs.length })),
    ...halvings(outputs.length).flatMap((count) => batches.map((batch) => ({ batch, outputs: count }))),
  ];
  let smallest = Infinity;
  for (const methodOption of method === 'dual' ? (['dual', 'gram-float64'] as const) : [method]) {
    for (const size of candidates) {
      const bytes = planBytes(request, methodOption, size);
      smallest = Math.min(smallest, bytes);
      if (bytes <= maxMemory)
        return { method: methodOption, batchSize: size.batch, groups: grouped(outputs, size.outputs), bytes };
    }
  }
  throw new EdjmError(
    'MEMORY_LIMIT',
    `${network.name}: expected a memory limit of at least ${megabytes(smallest)} for ${String(n)} samples of ${String(network.inputSize)} values, got ${megabytes(maxMemory)}. Raise the limit.`,
  );
}

function grouped(outputs: readonly number[], size: number): number[][] {
  return Array.from({ length: Math.ceil(outputs.length / size) }, (_, index) =>
    outputs.slice(index * size, (index + 1) * size),
  );
}

function megabytes(bytes: number): string {
  return `${String(Math.ceil(bytes / 1e6))} MB`;
}
