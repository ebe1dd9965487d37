import type { FloatArray } from '@edjm/linalg';
import { EdjmError } from '../contracts/errors.ts';
import type { RawNetwork } from './rawNetwork.ts';
import { valueCount, zeros } from './runs.ts';

/** Samples in a run of probes, if the network takes any number of them. */
const TOGETHER = 3;
/** Sizes of the values of compared samples and of others: small ones may show too little of a network, large ones saturate it. */
const SCALES = [
  { own: 1, others: 1 },
  { own: 1, others: 100 },
  { own: 100, others: 1 },
];
/** Sizes that are tried if the outputs are no finite numbers at any of those. */
const FURTHER_SCALES = [
  { own: 10, others: 10 },
  { own: 1000, others: 1000 },
];
/** How far results at the same place of runs of the same size may lie apart, in units of rounding: the engine repeats the same steps. */
const SAME_STEPS = 2 ** 8;
/** The same for other places and sizes: the engine sums in another order. */
const OTHER_STEPS = 2 ** 10;
/** Outputs below this part of the largest are compared with it. */
const SMALL_PART = 2 ** -10;
/** By how much values are changed to see how a network magnifies changes, in units of rounding. */
const CHANGE = 2 ** 12;
/** Where steps differ, results may be off by as many times what that change does. */
const MAGNIFIED = 2 ** 3;

/** What a backend knows of the samples of a network. */
export interface ProbeOptions {
  /** Columns of a sample that hold whole numbers, such as tokens: probes have 0 or 1 there. */
  readonly wholeColumns?: readonly number[] | undefined;
  /** A sentence for the message: what else to do about samples that mix. */
  readonly advice?: string | undefined;
}

/**
 * Makes sure that a network is a function of one sample: that the outputs of a sample do not depend on the samples beside it, on its
 * place among them, or on their number. It runs probe samples alone and in batches, and goes back once: the gradient of a sample's
 * outputs with respect to other samples is 0. Backends call it when they load a network; those that run one sample at a time need not.
 *
 * Outputs may differ by rounding in another order, in proportion to what a small change of the sample does to them. Probes at
 * which the engine fails, or the outputs are no finite numbers, tell nothing.
 *
 * @returns the outputs that were seen, one array a sample; none of a network that takes one sample at a time.
 * @throws EdjmError `UNSUPPORTED` if samples mix: the network has no EDJM then, since its rows depend on the batches.
 */
export async function checkIndependence(
  raw: RawNetwork,
  options: ProbeOptions = {},
): Promise<readonly FloatArray[]> {
  const size = raw.fixedRunSize ?? Math.min(TOGETHER, raw.largestRun ?? TOGETHER);
  if (size === 1) return [];
  const seen: FloatArray[] = [];
  for (const [place, scales] of [...SCALES, ...FURTHER_SCALES].entries()) {
    if (place >= SCALES.length && seen.some((outputs) => outputs.some(Number.isFinite))) break;
    const probes = new Probes(raw, { size, ...scales, ...options });
    try {
      const mixedWith =
        (await mixedOutputs(raw, probes)) ?? (place === 0 ? await mixedGradients(raw, probes) : undefined);
      if (mixedWith !== undefined) throw mixed(raw, mixedWith, options);
    } catch (error) {
      if (!EdjmError.is(error, 'ENGINE_FAILED')) throw error;
    } finally {
      seen.push(...probes.seen);
    }
  }
  return seen;
}

interface ProbeSize extends ProbeOptions {
  /** Samples in a run. */
  readonly size: number;
  /** Of the values of samples that are compared. */
  readonly own: number;
  /** Of the values of samples beside them. */
  readonly others: number;
}

/** Samples by number, and runs of them. */
class Probes {
  readonly size: number;
  /** All outputs so far. */
  readonly seen: FloatArray[] = [];
  readonly #raw: RawNetwork;
  readonly own: number;
  readonly others: number;
  readonly #whole: ReadonlySet<number>;

  constructor(raw: RawNetwork, { size, own, others, wholeColumns = [] }: ProbeSize) {
    this.size = size;
    this.#raw = raw;
    this.own = own;
    this.others = others;
    this.#whole = new Set(wholeColumns);
  }

  /** Outputs of the samples of the given numbers, a row for each. */
  async forward(samples: readonly FloatArray[]): Promise<readonly FloatArray[]> {
    const { dOut } = this.#raw;
    const outputs = await this.#raw.forward({
      samples: this.joined(samples),
      size: samples.length,
      rows: samples.length,
    });
    // Copies: the next run may overwrite the result.
    const rows = samples.map((_, row) => outputs.slice(row * dOut, (row + 1) * dOut));
    this.seen.push(...rows);
    return rows;
  }

  joined(samples: readonly FloatArray[]): FloatArray {
    const sampleSize = valueCount(this.#raw.inputShape);
    const data = zeros(this.#raw, samples.length * sampleSize);
    samples.forEach((sample, row) => {
      data.set(sample, row * sampleSize);
    });
    return data;
  }

  /** Numbers without a pattern, the same every time: of odd numbers positive, like pixels, of even ones of both signs. */
  sample(number: number, scale = 1): FloatArray {
    const data = zeros(this.#raw, valueCount(this.#raw.inputShape));
    const isSigned = number % 2 === 0;
    return data.map((_, at) => {
      const noise = Math.abs(Math.sin(12.9898 * (at + 1) + 78.233 * number) * 43758.5453) % 1;
      if (this.#whole.has(at)) return Math.round(noise);
      return scale * (isSigned ? 2 * noise - 1 : noise);
    });
  }

  /** The sample with values that differ a little. */
  changed(sample: FloatArray): FloatArray {
    const step = CHANGE * unit(this.#raw);
    return sample.map((value, at) =>
      this.#whole.has(at) ? value : value * (1 + (at % 3 === 0 ? -step : step)),
    );
  }
}

/** Which other samples change the outputs of a sample: those beside it, before it, or their number; undefined if none do. */
async function mixedOutputs(raw: RawNetwork, probes: Probes): Promise<string | undefined> {
  const { size, own, others } = probes;
  const [first, last, moved] = [probes.sample(1, own), probes.sample(2, own), probes.sample(3, others)];
  const between = (start: number, scale: number) =>
    Array.from({ length: size - 2 }, (_, at) => probes.sample(start + at, scale));
  const some = await probes.forward([first, ...between(4, own), last]);
  const beside = await probes.forward([first, ...between(4 + size, others), moved]);
  const again = await probes.forward([moved, ...between(4, own), last]);
  const most = SAME_STEPS * unit(raw);
  if (relative(some[0], beside[0]) > most || relative(some.at(-1), again.at(-1)) > most) return 'beside it';
  const atEnds = { sample: moved, expected: again[0], actual: beside.at(-1) };
  if (await differs(raw, probes, atEnds)) return 'before it';
  if (raw.fixedRunSize !== undefined) return undefined;
  const alone = Array.from({ length: raw.runSize?.(1) ?? 1 }, () => first);
  const [actual] = await probes.forward(alone);
  return (await differs(raw, probes, { sample: first, expected: some[0], actual })) ? 'beside it' : undefined;
}

interface Comparison {
  readonly sample: FloatArray;
  /** Outputs of the sample as the first one of a run. */
  readonly expected: FloatArray | undefined;
  readonly actual: FloatArray | undefined;
}

/** Whether results of steps in another order differ. How the network magnifies rounding is only looked at if they seem to. */
async function differs(
  raw: RawNetwork,
  probes: Probes,
  { sample, expected, actual }: Comparison,
): Promise<boolean> {
  const off = apart(expected, actual);
  if (off <= OTHER_STEPS * unit(raw) * largest(expected)) return false;
  const rest = Array.from({ length: probes.size - 1 }, (_, at) => probes.sample(4 + at));
  const [plain] = await probes.forward([sample, ...rest]);
  const [changed] = await probes.forward([probes.changed(sample), ...rest]);
  return off > MAGNIFIED * apart(plain, changed);
}

/** The same for the gradient of the outputs of one sample, which must not reach the others. */
async function mixedGradients(raw: RawNetwork, probes: Probes): Promise<string | undefined> {
  const { size } = probes;
  const { dOut, dIn = valueCount(raw.inputShape) } = raw;
  const samples = probes.joined(Array.from({ length: size }, (_, at) => probes.sample(1 + at)));
  const row = Math.floor(size / 2);
  const cotangents = zeros(raw, size * dOut);
  for (let output = 0; output < dOut; output++) cotangents[row * dOut + output] = Math.cos(output + 1);
  const rows = await raw.vjp({ samples, size, rows: size }, cotangents);
  const own = rows.subarray(row * dIn, (row + 1) * dIn);
  const others = [rows.subarray(0, row * dIn), rows.subarray((row + 1) * dIn, size * dIn)];
  const most = SAME_STEPS * unit(raw) * largest(own);
  return others.some((values) => largest(values) > most) ? 'beside it' : undefined;
}

/** Half the distance of 1 to the next number. */
function unit({ precision }: RawNetwork): number {
  return precision === 'float64' ? 2 ** -53 : 2 ** -24;
}

/** The largest of the finite sizes of numbers. */
function largest(values: FloatArray = new Float64Array()): number {
  let most = 0;
  for (const value of values) if (Number.isFinite(value)) most = Math.max(most, Math.abs(value));
  return most;
}

/** The difference of two numbers: 0 if neither is finite, infinite if one is. */
function difference(value: number, other = NaN): number {
  if (!Number.isFinite(value) && !Number.isFinite(other)) return 0;
  const size = Math.abs(value - other);
  return Number.isNaN(size) ? Infinity : size;
}

/** The largest difference. */
function apart(expected: FloatArray = new Float64Array(), actual: FloatArray = new Float64Array()): number {
  let most = 0;
  for (const [at, value] of expected.entries()) most = Math.max(most, difference(value, actual[at]));
  return most;
}

/** The largest difference relative to the number itself, or to a small part of the largest. */
function relative(
  expected: FloatArray = new Float64Array(),
  actual: FloatArray = new Float64Array(),
): number {
  const least = SMALL_PART * largest(expected);
  let most = 0;
  for (const [at, value] of expected.entries()) {
    const off = difference(value, actual[at]);
    if (off > 0) most = Math.max(most, off / (Math.abs(value) + least));
  }
  return most;
}

function mixed({ name }: RawNetwork, others: string, { advice }: ProbeOptions): EdjmError {
  const more = advice === undefined ? '' : ` ${advice}`;
  return new EdjmError(
    'UNSUPPORTED',
    `${name}: expected outputs of a sample that do not depend on the other samples of its batch, got ones that change with the samples ${others}. Export the network in evaluation mode, so that it uses stored batch statistics.${more}`,
  );
}
