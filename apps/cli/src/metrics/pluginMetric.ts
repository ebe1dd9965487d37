import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type AnyMetric, EdjmError, METRIC_PACKAGE_PREFIX, metricFromModule } from '@edjm/core';
import { closest, distance } from 'fastest-levenshtein';
import { resolve as resolveModule } from 'import-meta-resolve';
import * as v from 'valibot';
import type { Named } from '../commandLine/namedOptions.ts';
import { builtin, checkNoOptions, METRIC_FLAG } from './builtinMetrics.ts';

/** Where a metric that is not built in comes from. */
export interface PluginMetric {
  readonly metric: AnyMetric;
  /** The path of its file. */
  readonly from: string;
}

/** Up to this many letters of every three may be wrong in a mistyped name. */
const MISTYPED = 1 / 3;

/** Whether a metric is named by its file; such a name may hold a colon. */
export function isFile(text: string): boolean {
  return /^\.{0,2}\/|\.[cm]?js$/.test(text);
}

/**
 * A metric from a file, or from a package that the package.json of the working directory lists.
 *
 * @throws EdjmError `INVALID_ARGUMENT` if there is none of that name, `INVALID_FILE` for a module without a metric.
 */
export async function pluginMetric(named: Named): Promise<PluginMetric> {
  const { name } = named;
  const place = isFile(name) ? await fileEntry(name) : await packageEntry(name);
  if (place === undefined) throw unknown(name);
  checkNoOptions(named);
  let module: object;
  try {
    module = (await import(/* @vite-ignore */ place)) as object;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new EdjmError(
      'INVALID_FILE',
      `${METRIC_FLAG} ${name}: expected a module that loads, got: ${reason}. Correct ${fileURLToPath(place)}.`,
      { cause },
    );
  }
  return { metric: metricFromModule(module, `${METRIC_FLAG} ${name}`), from: fileURLToPath(place) };
}

/** The URL of a file. Loading a pipe or a device would wait for ever. */
async function fileEntry(name: string): Promise<string> {
  const path = resolve(name);
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile() !== true) {
    const got = found === undefined ? 'none' : 'something else of that name';
    throw new EdjmError(
      'INVALID_FILE',
      `${METRIC_FLAG} ${name}: expected a file of JavaScript, got ${got}. Name a file that exports a metric.`,
    );
  }
  return pathToFileURL(path).href;
}

/** The URL of the entry of a package that the working directory depends on. Nobody else chooses what code runs. */
async function packageEntry(name: string): Promise<string | undefined> {
  const own = await dependencies();
  const found = [`${METRIC_PACKAGE_PREFIX}${name}`, name].find((candidate) => own.has(candidate));
  if (found === undefined) return undefined;
  try {
    return resolveModule(found, pathToFileURL(resolve('package.json')).href);
  } catch (cause) {
    throw new EdjmError(
      'INVALID_FILE',
      `${METRIC_FLAG} ${name}: expected the package ${found}, which package.json lists, to be installed, got none. Install what package.json lists: npm install`,
      { cause },
    );
  }
}

const names = v.optional(v.record(v.string(), v.unknown()), {});
const manifest = v.object({ dependencies: names, devDependencies: names, optionalDependencies: names });

/** The packages that package.json of the working directory lists. */
async function dependencies(): Promise<ReadonlySet<string>> {
  const text = await readFile('package.json', 'utf8').catch(() => undefined);
  if (text === undefined) return new Set();
  try {
    return new Set(
      Object.values(v.parse(manifest, JSON.parse(text))).flatMap((listed) => Object.keys(listed)),
    );
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new EdjmError(
      'INVALID_FILE',
      `package.json: expected the file of a package, got: ${reason}. Correct it.`,
      {
        cause,
      },
    );
  }
}

function unknown(name: string): EdjmError {
  const known = [...builtin.keys()];
  const nearest = closest(name, known);
  const isNear = distance(name, nearest) <= Math.max(1, name.length * MISTYPED);
  const remedy = isNear
    ? `Did you mean ${nearest}?`
    : `Name one of them (edjm metrics describes them), a file such as ./metric.js, or a package that package.json of this folder lists.`;
  return new EdjmError(
    'INVALID_ARGUMENT',
    `${METRIC_FLAG}: expected a metric among ${known.join(', ')}, got "${name}". ${remedy}`,
  );
}
