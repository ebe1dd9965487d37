import type { Settings } from '../contracts/plan.ts';
import type { Job, SpectrumMethod } from '../contracts/spectrumMethod.ts';

const FLOAT64 = Float64Array.BYTES_PER_ELEMENT;
const FLOAT32 = Float32Array.BYTES_PER_ELEMENT;

/**
 * Bytes that a run holds at its peak, beside the loaded network: an upper estimate of the memory in use. Garbage that is
 * not yet collected adds to it.
 */
export function peakBytes(method: SpectrumMethod, job: Job, settings: Settings): number {
  const { batchSize, groupSize, values } = settings;
  return (
    resultBytes(job, values) +
    narrowingBytes(job) +
    method.bytes(job, settings) +
    crossingBytes(job, settings, method.takes) +
    job.network.workspaceBytes(batchSize, groupSize, method.takes ?? 'rows')
  );
}

/** Spectra with their bounds, normalized spectra, factors of the columns. */
function resultBytes({ outputs, dIn, stacked }: Job, values: number): number {
  return FLOAT64 * ((2 * (outputs.length + (stacked ? 1 : 0)) + 1) * values + dIn);
}

/** The affine map in front of a narrowed network, its transpose, and the factor of that. */
function narrowingBytes({ network, dIn }: Job): number {
  const h = network.dIn;
  return h === dIn ? 0 : FLOAT64 * (2 * h * dIn + 2 * h ** 2);
}

/** A batch on its way into the engine and out of it: samples, cotangents, and rows or Gram matrices. */
function crossingBytes(
  { network }: Job,
  { groupSize, batchSize }: Settings,
  takes: SpectrumMethod['takes'],
): number {
  const { sampleSize, dIn, dOut } = network;
  const width = network.precision === 'float64' ? FLOAT64 : FLOAT32;
  // As they are stored, as the data set gives them, and as the engine takes them.
  const samples = (FLOAT64 + FLOAT64 + width) * batchSize * sampleSize;
  const cotangents = FLOAT64 * groupSize * batchSize * dOut;
  // A Gram matrix may come in float64 from any engine. If rows are copied, the rows of one output exist twice.
  const results =
    takes === 'gram' ? FLOAT64 * groupSize * dIn ** 2 : width * (groupSize + 1) * batchSize * dIn;
  return samples + cotangents + results;
}
