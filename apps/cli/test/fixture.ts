import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { networkToModel } from '@edjm/backend-onnx';
import { multilayerPerceptron } from '@edjm/network';
import { writeModel, type Graph } from '@edjm/onnx-autodiff';
import { run } from '../src/run.ts';

/** The built command: `pnpm test` builds it first. */
export const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));

/** Loaded before the command: files that it writes take a while, and their names stand on standard error. */
const slowly = `data:text/javascript,${encodeURIComponent(`
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
const { writeFile } = fs.promises;
fs.promises.writeFile = async (path, ...rest) => {
  process.stderr.write('writing ' + path + String.fromCharCode(10));
  await new Promise((resolve) => setTimeout(resolve, 400));
  return writeFile(path, ...rest);
};
syncBuiltinESMExports();
`)}`;

/** What a run of the command left. */
export interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The signal that ended the process, if one did. */
  readonly signal?: NodeJS.Signals;
}

/** Text that is written to it. */
class Captured extends Writable {
  text = '';

  override _write(chunk: Buffer, _: BufferEncoding, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

/** Runs the command in a folder, in this process. */
export async function edjm(
  cwd: string,
  args: readonly string[],
  { columns = 100 }: { readonly columns?: number } = {},
): Promise<Run> {
  const [stdout, stderr] = [Object.assign(new Captured(), { columns }), new Captured()];
  const before = process.cwd();
  process.chdir(cwd);
  try {
    const code = await run({ args, stdout, stderr, interrupted: () => new AbortController().signal });
    return { code, stdout: stdout.text, stderr: stderr.text };
  } finally {
    process.chdir(before);
  }
}

/**
 * Runs the command in a folder, in a process of its own: for signals, pipes, how the process ends, and engines that write to its standard
 * error themselves. `interrupt` sends a signal after some milliseconds, `kill` one once a text stands on its standard error, and
 * `twice` a second one soon after; it may wait for something `before`; `writesSlowly` says on standard error which files it writes; `stdout` is an open file to write to. If a signal ends the process, there is no code but the signal.
 */
export function edjmProcess(
  cwd: string,
  args: readonly string[],
  options: {
    readonly interrupt?: { readonly signal: 'SIGINT' | 'SIGTERM'; readonly after: number };
    readonly stdout?: number;
    readonly kill?: {
      readonly signal: 'SIGINT' | 'SIGTERM' | 'SIGKILL';
      readonly at: string;
      readonly twice?: boolean;
      readonly before?: (pid: number | undefined) => Promise<void>;
    };
    readonly writesSlowly?: boolean;
  } = {},
): Promise<Run> {
  const flags = options.writesSlowly === true ? ['--import', slowly] : [];
  const child = spawn(process.execPath, [...flags, main, ...args], {
    cwd,
    env: { ...process.env, NO_COLOR: '1' },
    stdio: ['pipe', options.stdout ?? 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  const { kill } = options;
  let isKilled = false;
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
    if (kill === undefined || isKilled || !stderr.includes(kill.at)) return;
    isKilled = true;
    void (kill.before?.(child.pid) ?? Promise.resolve()).finally(() => {
      child.kill(kill.signal);
      if (kill.twice === true) setTimeout(() => child.kill(kill.signal), 100);
    });
  });
  const { interrupt } = options;
  const timer = interrupt && setTimeout(() => child.kill(interrupt.signal), interrupt.after);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code, stdout, stderr, ...(signal && { signal }) });
    });
  });
}

/** A .npy file of float32 (or another type's) bytes. */
export function npy(shape: readonly number[], bytes: Uint8Array, type = '<f4'): Buffer {
  const text = `{'descr': '${type}', 'fortran_order': False, 'shape': (${shape.join(', ')}${shape.length === 1 ? ',' : ''}), }`;
  const header = Buffer.alloc(128, ' ');
  header.write('\x93NUMPY\x01\x00', 'latin1');
  header.writeUInt16LE(118, 8);
  header.write(`${text.padEnd(117)}\n`, 10, 'latin1');
  return Buffer.concat([header, bytes]);
}

/** n samples of d values without a pattern. */
export function samples(n: number, d: number): Float32Array {
  return Float32Array.from({ length: n * d }, (_, index) => Math.sin(index * 1.7) + Math.cos(index * index));
}

/** Inputs and outputs of the network in the test folder. */
export const D_IN = 6;
export const D_OUT = 3;

/** The network of the test folder: 6-8-3 with ReLU. */
export function graph(): Graph {
  return networkToModel(
    multilayerPerceptron({ dIn: D_IN, hidden: [8], dOut: D_OUT, seed: 4, name: 'small' }),
  );
}

/** A folder with `model.onnx` and `data.npy` (40 samples), removed when it is disposed of. */
export async function testFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'edjm-cli-'));
  await writeFile(join(path, 'model.onnx'), writeModel(graph()));
  await writeFile(join(path, 'data.npy'), npy([40, D_IN], new Uint8Array(samples(40, D_IN).buffer)));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}
