/**
 * `edjm analyze` against PyTorch: all singular values of the EDJMs of the workload, as whole processes, turn about. PyTorch has no limit
 * of memory.
 *
 *     pnpm bench against-torch --python PATH [--n 10000] [--outputs 10] [--max-memory SIZE] [--repeats 3]
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { median, writeSamples, writeWorkloadModel } from './workload.ts';

const { values } = parseArgs({
  options: {
    python: { type: 'string', default: 'python3' },
    n: { type: 'string', default: '10000' },
    outputs: { type: 'string', default: '10' },
    'max-memory': { type: 'string' },
    repeats: { type: 'string', default: '3' },
  },
});

interface Timed {
  readonly seconds: number;
  /** All singular values of output 0. */
  readonly spectrum: readonly number[];
  /** The peak of the process, if it says so. */
  readonly megabytes?: number;
}

/** Loaded into our process, which then reports its own peak: `maxRSS` in kilobytes, as the operating system counts it. */
const peak = "process.on('exit', () => process.stderr.write('peak ' + process.resourceUsage().maxRSS))";

function run(
  command: string,
  args: readonly string[],
  spectrum: (output: string) => readonly number[],
): Timed {
  const start = performance.now();
  const { stdout, stderr, status } = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 2 ** 28 });
  const seconds = (performance.now() - start) / 1000;
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed: ${stderr}`);
  const [, kilobytes] = /peak (\d+)/.exec(stderr) ?? [];
  return { seconds, spectrum: spectrum(stdout), megabytes: Number(kilobytes) / 1000 };
}

const folder = mkdtempSync(join(tmpdir(), 'edjm-'));
try {
  const model = join(folder, 'workload.onnx');
  const data = join(folder, 'samples.npy');
  await writeWorkloadModel(model, Number(values.outputs));
  writeSamples(data, Number(values.n));
  const main = fileURLToPath(new URL('../apps/cli/dist/main.js', import.meta.url));
  const script = fileURLToPath(new URL('peers/torch_edjm.py', import.meta.url));
  const limit = values['max-memory'] === undefined ? [] : ['--max-memory', values['max-memory']];
  const report = `data:text/javascript,${encodeURIComponent(peak)}`;
  const args = ['--import', report, main, 'analyze', model, '--data', data, '--json', ...limit];
  const ours = () =>
    run(process.execPath, args, (output) => {
      const { outputs } = JSON.parse(output) as { outputs: readonly { singularValues: readonly number[] }[] };
      return outputs[0]?.singularValues ?? [];
    });
  const torch = () => run(values.python, [script, model, data], (output) => JSON.parse(output) as number[]);
  const ratios: number[] = [];
  for (let repeat = 0; repeat < Number(values.repeats); repeat++) {
    const [mine, peer] = [ours(), torch()];
    ratios.push(mine.seconds / peer.seconds);
    const largest = peer.spectrum[0] ?? NaN;
    const off =
      Math.max(...peer.spectrum.map((value, index) => Math.abs(value - (mine.spectrum[index] ?? NaN)))) /
      largest;
    console.log(
      `edjm ${mine.seconds.toFixed(2)} s and ${(mine.megabytes ?? NaN).toFixed(0)} MB, PyTorch ${peer.seconds.toFixed(2)} s, ratio ${(mine.seconds / peer.seconds).toFixed(2)}; largest difference of output 0: ${off.toExponential(1)} of the largest value`,
    );
  }
  console.log(`median ratio ${median(ratios).toFixed(2)} (n = ${values.n}, ${values.outputs} outputs)`);
} finally {
  rmSync(folder, { recursive: true });
}
