import { availableParallelism } from 'node:os';
import { cpuEngine } from './cpu.ts';
import type { Engine } from './engine.ts';
import { onnxEngine } from './onnx.ts';
import { tfjsEngine, tfjsEngines } from './tfjs.ts';

/** Makes an engine of a family from the text behind the colon; undefined if the family has no engine of that name. */
type Family = (variant: string | undefined, threads: number | undefined) => Engine | undefined;

const families: ReadonlyMap<string, Family> = new Map([
  ['onnx', onnxEngine],
  ['tfjs', tfjsEngine],
  ['cpu', cpuEngine],
]);

/** Names of engines, as help and messages list them. */
export const engineNames = `onnx, onnx:PROVIDER (such as onnx:cuda, onnx:webgpu, onnx:wasm), tfjs, ${tfjsEngines.map((name) => `tfjs:${name}`).join(', ')}, cpu`;

/** Whether an engine has this name. */
export function isEngine(name: string): boolean {
  return engineNamed(name, undefined) !== undefined;
}

/** More of `--engine`: names between commas. @throws RangeError for a name that no engine has, and for one given twice. */
export function parseEngines(text: string, earlier: readonly string[] = []): readonly string[] {
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !isEngine(name));
  if (unknown !== undefined) throw new RangeError(`expected engines among ${engineNames}, got "${unknown}".`);
  const all = [...earlier, ...names];
  const twice = all.find((name, index) => all.indexOf(name) !== index);
  if (twice === undefined) return all;
  throw new RangeError(`expected each engine once, got ${twice} twice.`);
}

/** How many threads an engine computes in. Engines in JavaScript use one. */
export function threadsOf(name: string, asked: number | undefined): number {
  return inOneThread.has(name) ? 1 : (asked ?? availableParallelism());
}

const inOneThread: ReadonlySet<string> = new Set(['cpu', 'tfjs:cpu']);

/**
 * The engines of these names. Each is loaded once, however many networks it runs.
 *
 * @param names - as `parseEngines` accepts them.
 * @param threads - that each computes in. Defaults to all cores.
 */
export function enginesOf(names: readonly string[], threads: number | undefined): readonly Engine[] {
  return names.flatMap((name) => engineNamed(name, threads) ?? []);
}

function engineNamed(name: string, threads: number | undefined): Engine | undefined {
  const [, family = '', variant] = /^([^:]*)(?::(.*))?$/s.exec(name) ?? [];
  return families.get(family)?.(variant, threads);
}
