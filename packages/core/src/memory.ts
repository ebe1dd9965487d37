import type { Need } from './metric.ts';
import type { DifferentiableNetwork } from './network.ts';
import type { SpectrumMethod } from './spectrumMethod.ts';

/** A run whose memory is to be known. */
export interface RunSize {
  readonly network: DifferentiableNetwork;
  /** Samples. */
  readonly n: number;
  /** Outputs in all. */
  readonly outputs: number;
  /** Outputs in one pass over the data. */
  readonly groupSize: number;
  readonly batchSize: number;
  readonly method: SpectrumMethod;
  /** What the metrics ask for. */
  readonly needs: readonly Need[];
}

const FLOAT64 = Float64Array.BYTES_PER_ELEMENT;
const FLOAT32 = Float32Array.BYTES_PER_ELEMENT;

/** As `@edjm/linalg` has them: the order of a triangle is padded, rows are multiplied in panels of this depth. */
const PADDING = 4;
const PANEL_DEPTH = 256;

/** Vectors of the matrix's order that eigenvalues need besides the matrix. */
const EIGENVALUE_VECTORS = 12;

/**
 * Bytes that a run holds at its peak, over and above the loaded network: an upper estimate of what is in use. What the
 * garbage collector has yet to free comes on top.
 */
export function peakBytes(size: RunSize): number {
  const { network, n, outputs, groupSize, batchSize } = size;
  const results = (outputs + 1) * Math.min(n, network.rowSize) + network.rowSize;
  return (
    FLOAT64 * results +
    groupSize * accumulatorBytes(size) +
    Math.max(addingBytes(size), spectrumBytes(size), gramBytes(size)) +
    crossingBytes(size) +
    network.workspaceBytes(batchSize, groupSize)
  );
}

/** What the accumulator of one output keeps. */
function accumulatorBytes({ method, n, network: { rowSize } }: RunSize): number {
  return method === 'dual' ? FLOAT64 * n * rowSize : triangleBytes(rowSize);
}

/** On top of it while a batch is added. */
function addingBytes({ method, batchSize, network: { rowSize } }: RunSize): number {
  return method === 'gram-of-rows' ? panelBytes(rowSize, batchSize) : 0;
}

/** On top of it while the singular values of one output are computed: the products, their copy, vectors. */
function spectrumBytes({ method, n, network: { rowSize } }: RunSize): number {
  const order = method === 'dual' ? n : rowSize;
  const scratch = triangleBytes(order) + EIGENVALUE_VECTORS * FLOAT64 * order;
  return method === 'dual' ? triangleBytes(n) + panelBytes(n, rowSize) + scratch : scratch;
}

/** On top of it while a metric looks at JᵀJ. */
function gramBytes({ method, n, needs, network: { rowSize } }: RunSize): number {
  if (!needs.includes('gram')) return 0;
  const square = FLOAT64 * rowSize ** 2;
  return method === 'dual' ? square + triangleBytes(rowSize) + panelBytes(rowSize, n) : square;
}

/** A batch on its way into the engine and out of it: samples, cotangents, and rows or Gram matrices. */
function crossingBytes({ method, groupSize, batchSize, network }: RunSize): number {
  const { inputSize, rowSize, outputSize } = network;
  const width = network.precision === 'float64' ? FLOAT64 : FLOAT32;
  // As they are stored, as the data set gives them, and as the engine takes them.
  const samples = (FLOAT64 + FLOAT64 + width) * batchSize * inputSize;
  const cotangents = FLOAT64 * groupSize * batchSize * outputSize;
  // A Gram matrix may come in float64 from any engine. Where rows are copied, one output's are there twice.
  const results =
    method === 'gram' ? FLOAT64 * groupSize * rowSize ** 2 : width * (groupSize + 1) * batchSize * rowSize;
  return samples + cotangents + results;
}

/** A symmetric matrix as its lower triangle. */
function triangleBytes(order: number): number {
  const padded = paddedOrder(order);
  return (FLOAT64 * padded * (padded + 1)) / 2;
}

/** The rows that are multiplied with each other at a time. */
function panelBytes(order: number, length: number): number {
  return FLOAT64 * paddedOrder(order) * Math.min(PANEL_DEPTH, length);
}

function paddedOrder(order: number): number {
  return Math.ceil(order / PADDING) * PADDING;
}
