import { accumulatorMemory, type AccumulatorMemory, krylovBytes } from '@edjm/linalg';
import type { DifferentiableNetwork } from '../contracts/network.ts';
import type { SpectrumMethod } from '../methods/spectrumMethod.ts';

/** A run whose memory is to be known. */
export interface RunSize {
  readonly network: DifferentiableNetwork;
  /** d_in: columns of the EDJM; above the row size of a network that was narrowed. */
  readonly dIn: number;
  /** Samples. */
  readonly n: number;
  /** Outputs in all. */
  readonly outputs: number;
  /** Outputs in one pass over the data. */
  readonly groupSize: number;
  readonly batchSize: number;
  readonly method: SpectrumMethod;
  /** Singular values of each output. */
  readonly values: number;
  /** Spectra that are computed at once. */
  readonly threads: number;
  /** Whether a metric reads JᵀJ. */
  readonly wantsGram: boolean;
  /** Whether the spectrum of all outputs together is wanted. */
  readonly stacked: boolean;
  /** Of `krylov` and `dual-blocks`. */
  readonly blockSize?: number;
  /** Of `frequent-directions`. */
  readonly directions?: number;
}

const FLOAT64 = Float64Array.BYTES_PER_ELEMENT;
const FLOAT32 = Float32Array.BYTES_PER_ELEMENT;

/**
 * Bytes that a run holds at its peak, over and above the loaded network: an upper estimate of what is in use. What the
 * garbage collector has yet to free comes on top.
 */
export function peakBytes(size: RunSize): number {
  const { network, groupSize, batchSize, method } = size;
  return (
    resultBytes(size) +
    narrowingBytes(size) +
    heldBytes(size) +
    crossingBytes(size) +
    network.workspaceBytes(batchSize, groupSize, method === 'gram' ? 'gram' : 'rows')
  );
}

/** Spectra with their bounds, normalized spectra, factors of the columns. */
function resultBytes({ outputs, values, dIn, stacked }: RunSize): number {
  return FLOAT64 * ((2 * (outputs + (stacked ? 1 : 0)) + 1) * values + dIn);
}

/** The affine map in front of a narrowed network, its transpose, and the factor of that. */
function narrowingBytes({ network, dIn }: RunSize): number {
  const h = network.dIn;
  return h === dIn ? 0 : FLOAT64 * (2 * h * dIn + 2 * h ** 2);
}

/** What follows from the rows, and what that is computed in. */
function heldBytes(size: RunSize): number {
  if (size.method === 'krylov') return operatorBytes(size);
  return size.method === 'dual-blocks' ? blockBytes(size) : accumulatorBytes(size);
}

/** J Jᵀ, some rows that are held, scaled rows of a batch, and products of both. */
function blockBytes({ network, n, blockSize = n, batchSize }: RunSize): number {
  const { dIn: columns, precision } = network;
  const { finishing } = accumulatorMemory('dual', { rows: n, columns, block: 0 });
  const held = (precision === 'float64' ? FLOAT64 : FLOAT32) * (blockSize + batchSize) * columns;
  return (
    finishing + FLOAT64 * (n + 2 * batchSize * (blockSize + batchSize)) + held + FLOAT64 * batchSize * columns
  );
}

function operatorBytes({ network: { dIn }, n, values, blockSize = values }: RunSize): number {
  return krylovBytes({ rows: n, columns: dIn, count: values, blockSize });
}

/** The accumulators of a group, and what one of them takes while rows are added, or several while spectra are computed. */
function accumulatorBytes(size: RunSize): number {
  const { network, n, outputs, groupSize, threads, wantsGram, stacked } = size;
  const one = memoryOf(size, n);
  const all = stacked ? memoryOf(size, n * outputs) : { kept: 0, finishing: 0, gram: 0 };
  const atOnce = Math.min(threads, groupSize);
  const copied = network.dIn < size.dIn ? atOnce * one.kept : 0;
  const gram = wantsGram
    ? atOnce * (one.gram + (size.dIn > network.dIn ? 2 * FLOAT64 * size.dIn ** 2 : 0))
    : 0;
  return (
    groupSize * one.kept +
    all.kept +
    Math.max(
      one.adding,
      atOnce * one.finishing + copied,
      all.finishing + (stacked ? all.kept : 0),
      stacked ? one.gram : 0,
      gram,
    )
  );
}

/** What an accumulator of that many rows takes: the one that an analysis chooses for them. */
function memoryOf({ method, network, batchSize, directions }: RunSize, rows: number): AccumulatorMemory {
  const { dIn: columns } = network;
  const keepsOwn =
    method === 'tsqr' || method === 'frequent-directions' || (method === 'dual' && rows <= columns);
  return accumulatorMemory(keepsOwn ? method : 'gram', {
    rows,
    columns,
    block: method === 'gram' ? 0 : batchSize,
    ...(directions !== undefined && { directions }),
  });
}

/** A batch on its way into the engine and out of it: samples, cotangents, and rows or Gram matrices. */
function crossingBytes({ method, groupSize, batchSize, network }: RunSize): number {
  const { sampleSize, dIn, dOut } = network;
  const width = network.precision === 'float64' ? FLOAT64 : FLOAT32;
  // As they are stored, as the data set gives them, and as the engine takes them.
  const samples = (FLOAT64 + FLOAT64 + width) * batchSize * sampleSize;
  const cotangents = FLOAT64 * groupSize * batchSize * dOut;
  // A Gram matrix may come in float64 from any engine. Where rows are copied, one output's are there twice.
  const results =
    method === 'gram' ? FLOAT64 * groupSize * dIn ** 2 : width * (groupSize + 1) * batchSize * dIn;
  return samples + cotangents + results;
}
