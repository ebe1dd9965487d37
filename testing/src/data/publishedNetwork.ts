import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { inData, readData } from './dataFolder.ts';

/** A sample with the outputs of a published network. */
export interface PublishedSample {
  /** The numbers, or how they come from the image; absent: as the network's own `input` says. */
  readonly input?: readonly number[] | string;
  readonly image?: string;
  /** As another runtime gave it in float32. */
  readonly output?: readonly number[];
  readonly output64: readonly number[];
}

/** The reference values of a published network. */
export interface PublishedNetwork {
  /** [1, …], of .onnx files. */
  readonly inputShape?: readonly number[];
  readonly input: string;
  readonly samples: readonly PublishedSample[];
  readonly jacobianSamples: readonly (PublishedSample & {
    readonly jacobianSingularValues: readonly number[];
  })[];
}

/** The reference values that a file of the data folder has. */
export function readPublishedNetwork(...parts: readonly string[]): PublishedNetwork {
  return readData(...parts) as PublishedNetwork;
}

const files = new Map<string, Uint8Array>();

/** A stretch of an unpacked file. */
function bytesOf(path: string, from: number, count: number): Uint8Array {
  const file = files.get(path) ?? gunzipSync(readFileSync(inData(path)));
  files.set(path, file);
  return file.subarray(from, from + count);
}

const IMAGE = 28 * 28;
const PLANE = 32 * 32;
const CIFAR_MEAN = [0.485, 0.456, 0.406];

const digit = (index: number) =>
  Array.from(bytesOf('mnist/t10k-images-idx3-ubyte.gz', 16 + index * IMAGE, IMAGE));

/** Inputs by the formula that the reference values name; a formula of another wording is not guessed at. */
const formulas: Readonly<Record<string, (index: number) => number[]>> = {
  'pixel / 255': (index) => digit(index).map((pixel) => pixel / 255),
  '0.9 * pixel / 255 + 0.1 * ((i * 7919) mod 1009) / 1009': (index) =>
    digit(index).map((pixel, i) => (0.9 * pixel) / 255 + (0.1 * ((i * 7919) % 1009)) / 1009),
  '(pixel/255 - [0.485, 0.456, 0.406]) / 0.225 per channel, channels first': (index) => {
    const pixels = bytesOf('cifar10/test_batch.bin.gz', index * (1 + 3 * PLANE) + 1, 3 * PLANE);
    return Array.from(
      pixels,
      (pixel, i) => (pixel / 255 - (CIFAR_MEAN[Math.floor(i / PLANE)] ?? NaN)) / 0.225,
    );
  },
};

function inputOf({ input, image }: PublishedSample, standard: string): readonly number[] {
  if (typeof input === 'object') return input;
  const text = input ?? standard;
  const formula = formulas[text] ?? formulas[text.split(/, (?:where|shape) /)[0] ?? ''];
  const index = Number(image?.split(' ').at(-1));
  if (formula === undefined || !Number.isInteger(index))
    throw new Error(`expected a known input, got "${text}".`);
  return formula(index);
}

/** The inputs of samples of a network, flattened. */
export function inputsOf(
  { input }: PublishedNetwork,
  samples: readonly PublishedSample[],
): readonly (readonly number[])[] {
  return samples.map((sample) => inputOf(sample, input));
}
