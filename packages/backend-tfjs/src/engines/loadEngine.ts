import { checkThreads, EdjmError } from '@edjm/core';
import { inNode } from '@edjm/files';
import {
  activeEngine,
  type Engine,
  engineNames,
  type EngineProblem,
  type TfjsEngine,
  type TfjsEngineOptions,
} from './engine.ts';
import type { Tf } from './tf.ts';
import { isMissing, reasonOf, wholeOf } from './importing.ts';
import { loadTfjsNode, nodePackages } from './tfjsNode.ts';
import { addMissingKernels } from './wasmKernels.ts';

/** Engines that need no package in Node, where they are not. */
const browserAlone: ReadonlySet<TfjsEngine> = new Set(['webgpu', 'webgl']);

/** Why an engine does not load, and what to do. The message has no name in front. */
class Unavailable extends Error {}

/**
 * Loads the engine that the options name.
 *
 * @throws EdjmError `ENGINE_UNAVAILABLE` with the reason and the command that mends it; `INVALID_ARGUMENT` for an engine that
 * does not exist.
 */
export async function loadEngine(options: TfjsEngineOptions = {}): Promise<Engine> {
  const { engine = 'auto', tf } = options;
  checkThreads(options.threads);
  if (engine !== 'auto') return required(engine, options);
  if (tf !== undefined) {
    await tf.ready();
    const active = engineNames.find((name) => name === activeEngine(tf));
    if (active !== undefined) return required(active, options);
  }
  const passedOver: EngineProblem[] = [];
  for (const name of engineNames) {
    const loaded = await tryEngine(name, options);
    if ('tf' in loaded) return { ...loaded, passedOver };
    passedOver.push(loaded);
  }
  if (!passedOver.some(({ installed: there, name }) => there && !browserAlone.has(name))) {
    throw new EdjmError(
      'ENGINE_UNAVAILABLE',
      'expected an engine of TensorFlow.js, got none. Install one: npm install @tensorflow/tfjs-node (native code, in Node), or npm install @tensorflow/tfjs @tensorflow/tfjs-backend-wasm (WebAssembly)',
    );
  }
  const reasons = passedOver.map(({ name, problem }) => `${name}: ${problem}`).join('; ');
  throw new EdjmError('ENGINE_UNAVAILABLE', `expected an engine of TensorFlow.js, got none: ${reasons}`);
}

async function required(name: TfjsEngine, options: TfjsEngineOptions): Promise<Engine> {
  if (!engineNames.includes(name)) {
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `expected one of the engines ${engineNames.join(', ')} or auto, got "${name}".`,
    );
  }
  const loaded = await tryEngine(name, options);
  if ('tf' in loaded) return loaded;
  throw new EdjmError(
    'ENGINE_UNAVAILABLE',
    `expected the engine "${name}" of TensorFlow.js, got: ${loaded.problem}`,
  );
}

/** The engine, or why it does not load. */
export async function tryEngine(
  name: TfjsEngine,
  options: TfjsEngineOptions = {},
): Promise<Engine | EngineProblem> {
  try {
    const tf = await imports[name](options);
    await initialize(tf, name);
    if (name === 'wasm') addMissingKernels(tf);
    return { name, tf, passedOver: [] };
  } catch (error) {
    if (error instanceof Unavailable) {
      return { name, installed: !isMissing(error.cause), problem: error.message };
    }
    throw error;
  }
}

/** What brings each engine in. */
const imports: Readonly<Record<TfjsEngine, (options: TfjsEngineOptions) => Promise<Tf>>> = {
  tensorflow: tensorflow,
  webgpu: async (options) => {
    if (inNode()) throw new Unavailable('no WebGPU in Node. It is there in browsers.');
    const tf = await tfjs(options);
    await importPackage('@tensorflow/tfjs-backend-webgpu', () => import('@tensorflow/tfjs-backend-webgpu'));
    return tf;
  },
  webgl: async (options) => {
    if (inNode()) throw new Unavailable('no WebGL in Node. It is there in browsers.');
    return tfjs(options);
  },
  wasm: async (options) => {
    const tf = await tfjs(options);
    const wasm = await importPackage(
      '@tensorflow/tfjs-backend-wasm',
      () => import('@tensorflow/tfjs-backend-wasm'),
    );
    if (options.wasmPath !== undefined) wholeOf(wasm).setWasmPaths(options.wasmPath);
    if (options.threads !== undefined) wholeOf(wasm).setThreadsCount(options.threads);
    return tf;
  },
  cpu: tfjs,
};

async function tfjs({ tf }: TfjsEngineOptions): Promise<Tf> {
  return tf ?? wholeOf<Tf>(await importPackage('@tensorflow/tfjs', () => import('@tensorflow/tfjs')));
}

async function tensorflow({ tf, threads }: TfjsEngineOptions): Promise<Tf> {
  if (tf !== undefined && isRegistered(tf, 'tensorflow')) return tf;
  if (!inNode()) throw new Unavailable('no Node here. It runs in Node alone.');
  const problems: Unavailable[] = [];
  for (const name of nodePackages) {
    try {
      return await importPackage(name, () => loadTfjsNode(name, threads));
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      problems.push(error);
    }
  }
  // A package that is installed and does not load says more than one that is not installed.
  throw problems.find(({ cause }) => !isMissing(cause)) ?? problems.at(-1) ?? new Unavailable('no package.');
}

async function importPackage<T>(name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    const advice = isMissing(cause)
      ? `no package ${name}. Install it: npm install ${installed[name] ?? name}`
      : `${name} does not load: ${reasonOf(cause)}. ${remedies[name] ?? `Install it again: npm install ${name}`}`;
    throw new Unavailable(advice, { cause });
  }
}

/** The install command for a package that is missing. */
const installed: Readonly<Record<string, string>> = {
  '@tensorflow/tfjs-backend-wasm': '@tensorflow/tfjs @tensorflow/tfjs-backend-wasm',
};

const remedies: Readonly<Record<string, string>> = Object.fromEntries(
  nodePackages.map((name) => [
    name,
    `Download it, or build it: npm rebuild ${name}. Where the download host is out of reach, the guide to TensorFlow.js models says how.`,
  ]),
);

function isRegistered(tf: Tf, name: TfjsEngine): boolean {
  // Declared always to be a function.
  const factory: unknown = tf.findBackendFactory(name);
  return factory !== null;
}

/** Initializes an engine, without making it the active one. */
async function initialize(tf: Tf, name: TfjsEngine): Promise<void> {
  if (!isRegistered(tf, name)) {
    throw new Unavailable(
      `an instance of TensorFlow.js that does not know it. Import its package, or leave out tf.`,
    );
  }
  const engine = tf.engine();
  if (!(name in engine.registry)) {
    const before = activeEngine(tf);
    let failure: unknown = 'its initialization failed';
    const works = await tf.setBackend(name).catch((cause: unknown) => {
      failure = cause;
      return false;
    });
    if (before !== undefined && before !== name) await tf.setBackend(before);
    if (!works) {
      const advice =
        name === 'wasm' && !inNode()
          ? ' Serve its .wasm files, and name the URL of their folder as wasmPath.'
          : '';
      throw new Unavailable(`it does not work here: ${reasonOf(failure)}.${advice}`, { cause: failure });
    }
  }
  // Its advice to install @tensorflow/tfjs-node is for people who do not know what they chose.
  if (name === 'cpu') Reflect.set(tf.engine().findBackend(name), 'firstUse', false);
  if (name === 'webgl' && !tf.env().getBool('WEBGL_RENDER_FLOAT32_ENABLED')) {
    throw new Unavailable('WebGL without float32 textures here. Half the digits are not enough.');
  }
}
