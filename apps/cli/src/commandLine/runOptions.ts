import type { GateOptions } from './gates.ts';
import type { PictureStyle } from '../analysis/picture.ts';
import { type NullModelKind, nullModelKinds, type OutputKind, type ReportOption } from '@edjm/core';

/** Options of every command that gives spectra, as commander gives them. */
export interface SpectrumOptions extends GateOptions {
  readonly array?: readonly string[];
  readonly limit?: number;
  readonly outputs?: readonly number[];
  readonly metric?: readonly string[];
  readonly batchSize?: number;
  readonly accuracy?: number;
  readonly method?: string;
  readonly values?: number;
  readonly confidence?: number;
  readonly null?: readonly NullModelKind[];
  readonly nullSeeds?: number;
  readonly stacked?: boolean;
  readonly maxMemory?: number;
  readonly threads?: number;
  readonly out?: string;
  readonly picture?: PictureStyle;
  readonly json?: boolean;
  readonly progress: boolean;
}

/** Options of `analyze` and `compare`. */
export interface RunOptions extends SpectrumOptions {
  readonly data: string;
  readonly scale?: number;
  readonly mean?: number;
  readonly std?: number;
  readonly outputKind: OutputKind;
  readonly jacobianOf: 'fed' | 'raw';
  readonly input?: string;
  readonly output?: string;
  readonly inputShape?: Shapes;
  readonly batchAxis?: number;
  /** Text of a number or of a path, by input. */
  readonly fix?: Readonly<Record<string, string>>;
  /** What a file of weights calls tensors or layers of a description. */
  readonly map?: Readonly<Record<string, string>>;
  /** Names of engines, the preferred one first. Defaults to one that reads the model's file. */
  readonly engine?: readonly string[];
  readonly straightThrough?: boolean;
  readonly explain?: boolean;
}

/** Options that the report has fields for, and options that only change how results are shown or judged. */
const saidElsewhere: ReadonlySet<string> = new Set([
  'data',
  'outputKind',
  'jacobianOf',
  'explain',
  'out',
  'picture',
  'json',
  'progress',
  'min',
  'max',
  'maxDrop',
]);

/** The other options in a report, so that the run can be repeated. */
export function reportOptions(options: SpectrumOptions): Readonly<Record<string, ReportOption>> {
  const entries = Object.entries(options) as readonly (readonly [string, ReportOption])[];
  return Object.fromEntries(entries.filter(([name]) => !saidElsewhere.has(name)));
}

/** An option as the command line has it: `straightThrough` → `--straight-through`. */
export function flag(name: string): string {
  return `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** More outputs than any network has: a longer range is a typing error. */
const MOST_INDICES = 1_000_000;

/** Indices and ranges: `0,7,10-12` → [0, 7, 10, 11, 12]. */
export function parseIndices(text: string): readonly number[] {
  const indices = text.split(',').flatMap((part) => {
    const [, first, last = first] = /^\s*(\d+)(?:\s*-\s*(\d+))?\s*$/.exec(part) ?? [];
    const count = Number(last) - Number(first) + 1;
    if (first === undefined || count < 1 || count > MOST_INDICES) {
      throw new RangeError(`expected indices and ranges such as 0,7,10-19, got "${text}".`);
    }
    return Array.from({ length: count }, (_, offset) => Number(first) + offset);
  });
  if (new Set(indices).size !== indices.length)
    throw new RangeError(`expected every index once, got "${text}".`);
  return indices;
}

/** Null models: `init,permuted`. */
export function parseNullModels(text: string): readonly NullModelKind[] {
  const kinds = text.split(',').map((part) => nullModelKinds.find((kind) => kind === part.trim()));
  if (kinds.every((kind) => kind !== undefined) && new Set(kinds).size === kinds.length) return kinds;
  throw new RangeError(`expected ${nullModelKinds.join(' or ')}, each once, got "${text}".`);
}

/** Sizes separated by commas or an x: `3,32,32` or `3x32x32`. */
function parseShape(text: string): readonly number[] {
  const shape = text.split(/[,x]/).map(Number);
  if (shape.every((size) => Number.isInteger(size) && size > 0)) return shape;
  throw new RangeError(`expected a shape such as 3,32,32, got "${text}".`);
}

/** Shapes of samples: one for every input, or by the input's name. */
export type Shapes = readonly number[] | Readonly<Record<string, readonly number[]>>;

/** A name and its value: `mask=1` → ['mask', '1']; the name may hold an equals sign, the rest may not. */
function parseNamed(text: string): readonly [string, string] {
  const at = text.lastIndexOf('=');
  if (at > 0 && at < text.length - 1) return [text.slice(0, at), text.slice(at + 1)];
  throw new RangeError(`expected NAME=VALUE, got "${text}".`);
}

/** One more of `--fix`. */
export function parseFix(
  text: string,
  earlier: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  return { ...earlier, ...Object.fromEntries([parseNamed(text)]) };
}

/** One more of `--map`; each layer or tensor once. */
export function parseMap(
  text: string,
  earlier: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const [name, tensor] = parseNamed(text);
  if (name in earlier) throw new RangeError(`expected a name for ${name} once, got also "${text}".`);
  return { ...earlier, ...Object.fromEntries([[name, tensor]]) };
}

/** Whether it is one shape for every input. */
export function isShape(shapes: Shapes): shapes is readonly number[] {
  return Array.isArray(shapes);
}

/** One more of `--input-shape`: `3,32,32`, or `NAME=3,32,32` for one of several inputs. */
export function parseInputShape(text: string, earlier: Shapes = {}): Shapes {
  if (isShape(earlier))
    throw new RangeError(`expected one shape or NAME=SHAPE for each input, got also "${text}".`);
  if (!text.includes('=')) return parseShape(text);
  const [name, shape] = parseNamed(text);
  return { ...earlier, ...Object.fromEntries([[name, parseShape(shape)]]) };
}

const units: Readonly<Record<string, number>> = {
  '': 1,
  K: 1e3,
  M: 1e6,
  G: 1e9,
  KI: 2 ** 10,
  MI: 2 ** 20,
  GI: 2 ** 30,
};

/** A number of bytes: `600MB`, `4GB`, `512MiB`, or plain bytes. */
export function parseMemory(text: string): number {
  const [, value, unit = ''] = /^\s*(\d+(?:\.\d+)?)\s*(?:([KMG]I?)?B?)\s*$/i.exec(text) ?? [];
  const factor = units[unit.toUpperCase()];
  if (value === undefined || factor === undefined || Number(value) === 0) {
    throw new RangeError(`expected a size such as 600MB or 4GB, got "${text}".`);
  }
  return Number(value) * factor;
}
