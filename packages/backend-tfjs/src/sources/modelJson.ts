import { EdjmError } from '@edjm/core';
import { MAX_BYTES, type OpenFile } from '@edjm/files';
import { valueCount } from '@edjm/network';
import type { io } from '@tensorflow/tfjs';

/** Bytes of one value of a weight, as it is stored. */
const byteSizes: Readonly<Record<string, number>> = {
  float32: 4,
  float16: 2,
  int32: 4,
  uint8: 1,
  uint16: 2,
  bool: 1,
  complex64: 8,
};

/** A model.json, as TensorFlow.js writes it. */
interface ModelJson extends io.ModelJSON {
  readonly format?: string;
}

/**
 * Reads a model.json and the weights beside it.
 *
 * @throws EdjmError `INVALID_FILE` for what is no model, for weights that are missing bytes or lie elsewhere, and `NOT_FOUND`.
 */
export async function readModelJson(file: OpenFile, bytes: Uint8Array): Promise<io.ModelArtifacts> {
  const { name } = file;
  const json = parse(name, bytes);
  const manifest = json.weightsManifest;
  const weightSpecs = manifest.flatMap(({ weights }) => weights);
  const wanted = byteLength(name, weightSpecs);
  const weightData = joined(await readShards(file, manifest, wanted));
  if (wanted !== undefined && wanted !== weightData.byteLength)
    throw lengthError(name, wanted, weightData.byteLength);
  return {
    modelTopology: json.modelTopology,
    weightSpecs,
    weightData,
    ...(json.format !== undefined && { format: json.format }),
    ...(json.signature !== undefined && { signature: json.signature }),
    ...(json.userDefinedMetadata !== undefined && { userDefinedMetadata: json.userDefinedMetadata }),
    ...(json.modelInitializer !== undefined && { modelInitializer: json.modelInitializer }),
    ...(json.initializerSignature !== undefined && { initializerSignature: json.initializerSignature }),
  };
}

/** The files of the weights of a model.json, as it names them, in their order. */
export function shardPaths({ name }: OpenFile, bytes: Uint8Array): readonly string[] {
  return parse(name, bytes).weightsManifest.flatMap(({ paths }) => paths);
}

function parse(name: string, bytes: Uint8Array): ModelJson {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new EdjmError(
      'INVALID_FILE',
      `${name}: expected a model.json of TensorFlow.js, a .keras or a .h5 file, got neither JSON, a zip archive nor HDF5. It may be truncated.`,
      { cause },
    );
  }
  if (isModelJson(json)) return json;
  throw new EdjmError(
    'INVALID_FILE',
    `${name}: expected a model.json of TensorFlow.js with modelTopology and weightsManifest, got other JSON. Write one with model.save or the TensorFlow.js converter.`,
  );
}

function isModelJson(json: unknown): json is ModelJson {
  if (!isRecord(json) || !isRecord(json['modelTopology']) || !Array.isArray(json['weightsManifest']))
    return false;
  return json['weightsManifest'].every(
    (group: unknown) =>
      isRecord(group) &&
      isListOf(group['paths'], (path) => typeof path === 'string') &&
      isListOf(group['weights'], isWeight),
  );
}

function isWeight(weight: unknown): boolean {
  return (
    isRecord(weight) &&
    typeof weight['name'] === 'string' &&
    typeof weight['dtype'] === 'string' &&
    isListOf(weight['shape'], (size) => Number.isSafeInteger(size) && Number(size) >= 0)
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isListOf(value: unknown, holds: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(holds);
}

function joined(parts: readonly Uint8Array[]): ArrayBuffer {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let filled = 0;
  for (const part of parts) {
    all.set(part, filled);
    filled += part.length;
  }
  return all.buffer;
}

/** Reads the files of the weights, and no more of them than are wanted. */
async function readShards(
  model: OpenFile,
  manifest: io.WeightsManifestConfig,
  wanted = Infinity,
): Promise<readonly Uint8Array[]> {
  const shards: Uint8Array[] = [];
  let left = wanted;
  for (const path of manifest.flatMap(({ paths }) => paths)) {
    const shard = await model.beside(path, {
      expected: `weights of ${model.location}`,
      maxBytes: Math.min(MAX_BYTES, left),
    });
    shards.push(await shard.bytes());
    left -= shard.length;
  }
  return shards;
}

/** Bytes that weights take. Texts say nothing of their length. */
function byteLength(name: string, specs: readonly io.WeightsManifestEntry[]): number | undefined {
  let wanted = 0;
  for (const { name: weight, shape, dtype, quantization } of specs) {
    if (dtype === 'string') return undefined;
    const stored = quantization?.dtype ?? dtype;
    const size = byteSizes[stored];
    if (size === undefined) {
      throw new EdjmError(
        'UNSUPPORTED',
        `${name}: expected weights of the types ${Object.keys(byteSizes).join(', ')}, got ${stored} for ${weight}. Save the model with one of these.`,
      );
    }
    wanted += size * valueCount(shape);
  }
  return wanted;
}

/** The error for weights that are another model's, or truncated. */
function lengthError(name: string, wanted: number, have: number): EdjmError {
  return new EdjmError(
    'INVALID_FILE',
    `${name}: expected ${String(wanted)} bytes of weights, got ${String(have)}. The files may be truncated, or belong to another model.`,
  );
}
