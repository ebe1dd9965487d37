import { type DifferentiableNetwork, EdjmError, type ReportModel } from '@edjm/core';
import { openFile, type OpenFile, sha256 } from '@edjm/files';
import { openNetwork, weightsBeside } from '@edjm/network';
import { flag, type RunOptions } from '../commandLine/runOptions.ts';
import { type Engine, firstReady, type ModelKind, type ModelOption, type Ready } from '../engines/engine.ts';
import { enginesOf } from '../engines/engineNames.ts';
import { openModelFile } from './modelFile.ts';

/** A model file, its kind, and the engines that run it. */
export interface Model {
  /** Of the file. */
  readonly name: string;
  readonly path: string;
  /** The file, and the weights beside it if it is a description. */
  readonly files: readonly string[];
  /** The engines that may run it, the preferred one first. */
  readonly engines: readonly Engine[];
  /**
   * Loads the function that the options name into the first engine that loads and can run it.
   *
   * @param dataShape - shape of a sample of the data, which tells sizes that the model leaves open.
   */
  load(dataShape?: readonly number[]): Promise<Ready<DifferentiableNetwork>>;
  /** SHA-256 of all files that it reads, one after the other, and of each if there are several: the model's own, and weights beside it. */
  hashes(): Promise<Omit<ReportModel, 'name'>>;
}

/** The default engines of a model, without `--engine`. */
const defaultEngines: Readonly<Record<ModelKind, readonly string[]>> = {
  onnx: ['onnx'],
  tfjs: ['tfjs'],
  description: ['onnx'],
};

const modelOptions: readonly ModelOption[] = [
  'input',
  'output',
  'inputShape',
  'batchAxis',
  'fix',
  'straightThrough',
];

/**
 * Determines the kinds of model files, and the engines that run them. Engines are loaded once for all of them.
 *
 * @throws EdjmError `INVALID_ARGUMENT` for a URL, for a file that none of the engines of `--engine` reads, and for an option that none of
 * the models' engines takes; as `openFile` of `@edjm/files`.
 */
export async function resolveModels(
  paths: readonly string[],
  options: RunOptions,
): Promise<readonly Model[]> {
  if (options.jacobianOf === 'raw' && options.input !== undefined) {
    throw new EdjmError(
      'INVALID_ARGUMENT',
      'expected the Jacobian with respect to the fed values, since --input names a tensor, got --jacobian-of raw. Leave one of the two out.',
    );
  }
  const given = modelOptions.filter((name) => options[name] !== undefined);
  const engines = engineCache(options);
  const models: Model[] = [];
  for (const path of paths) models.push(await resolveModel(path, { options, given, engines }));
  if (options.map !== undefined && models.every(({ files }) => files.length === 1)) {
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `${paths.join(', ')}: expected a description of a network for --map, got models with weights of their own. Leave it out.`,
    );
  }
  for (const option of given) {
    if (models.some((model) => model.engines.some(({ takes }) => takes.includes(option)))) continue;
    const names = models.flatMap((model) => model.engines.map(({ name }) => name));
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `${paths.join(', ')}: expected options that the engine takes, got ${flag(option)} for ${[...new Set(names)].join(', ')}. Leave it out.`,
    );
  }
  return models;
}

interface Request {
  readonly options: RunOptions;
  readonly given: readonly ModelOption[];
  readonly engines: (kind: ModelKind) => readonly Engine[];
}

async function resolveModel(path: string, { options, given, engines }: Request): Promise<Model> {
  const { file, kind } = await openModelFile(path);
  const readers = engines(kind).filter(({ reads }) => reads.includes(kind));
  if (readers.length === 0) {
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `${path}: expected an --engine that reads ${kindNames[kind]}, such as ${defaultEngines[kind].join(', ')}, got ${(options.engine ?? []).join(', ')}. Leave --engine out, or name one that does.`,
    );
  }
  // With several models an option may be meant for another one.
  const willing = readers.filter(({ takes }) => given.every((option) => takes.includes(option)));
  const chosen = willing.length > 0 ? willing : readers;
  const files = kind === 'description' ? [path, weightsBeside(path)] : [path];
  return {
    name: file.name,
    path,
    files,
    engines: chosen,
    load: async (dataShape) => {
      const source = kind === 'description' ? await openNetwork(path, { map: options.map ?? {} }) : path;
      return firstReady(chosen, (engine) => engine.load(source, { ...options, dataShape }));
    },
    hashes: () => hashesOf(kind, path, files),
  };
}

async function hashesOf(
  kind: ModelKind,
  path: string,
  files: readonly string[],
): Promise<Omit<ReportModel, 'name'>> {
  const model = await openFile(path);
  const own = await Promise.all(files.map(async (file) => ({ file: await openFile(file) })));
  const beside: { readonly file: OpenFile; readonly name?: string }[] = [];
  for (const name of await filesBeside(kind, path)) {
    beside.push({ file: await model.beside(name, { expected: `the weights of ${model.name}` }), name });
  }
  const all: readonly { readonly file: OpenFile; readonly name?: string }[] = [...own, ...beside];
  const whole = await sha256(all.map(({ file }) => file));
  if (all.length === 1) return { sha256: whole };
  const hashes: { readonly name: string; readonly sha256: string }[] = [];
  for (const { file, name = file.name } of all) hashes.push({ name, sha256: await sha256([file]) });
  return { sha256: whole, files: hashes };
}

/** The files of weights that a model names. Each backend is loaded for its own models alone. */
async function filesBeside(kind: ModelKind, path: string): Promise<readonly string[]> {
  switch (kind) {
    case 'onnx':
      return (await import('@edjm/backend-onnx')).weightFiles(path);
    case 'tfjs':
      return (await import('@edjm/backend-tfjs')).weightFiles(path);
    case 'description':
      return [];
  }
}

/** The engines for each kind of file, made once. */
function engineCache({ engine, threads }: RunOptions): (kind: ModelKind) => readonly Engine[] {
  const cache = new Map<string, readonly Engine[]>();
  return (kind) => {
    const names = engine ?? defaultEngines[kind];
    const found = cache.get(names.join()) ?? enginesOf(names, threads);
    cache.set(names.join(), found);
    return found;
  };
}

const kindNames: Readonly<Record<ModelKind, string>> = {
  onnx: '.onnx files',
  tfjs: 'models of TensorFlow.js and Keras',
  description: 'descriptions of networks',
};
