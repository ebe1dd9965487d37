/**
 * Peak memory of `edjm analyze` on the workload, for two numbers of samples: rows are a stream, so it must not grow.
 *
 *     pnpm bench peak-memory [--n 10000,100000]
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { writeSamples, writeWorkloadModel } from './workload.ts';

const { values } = parseArgs({ options: { n: { type: 'string', default: '10000,100000' } } });
/** MB. */
const LIMIT = 600;

const folder = mkdtempSync(join(tmpdir(), 'edjm-'));
try {
  const model = join(folder, 'workload.onnx');
  await writeWorkloadModel(model);
  for (const n of values.n.split(',').map(Number)) {
    const data = join(folder, `${String(n)}.npy`);
    writeSamples(data, n);
    const main = fileURLToPath(new URL('../apps/cli/dist/main.js', import.meta.url));
    // The child reports its own peak: `maxRSS` in kilobytes, as the operating system counts it.
    const report = "process.on('exit', () => process.stderr.write('peak ' + process.resourceUsage().maxRSS))";
    const args = [
      '--import',
      `data:text/javascript,${encodeURIComponent(report)}`,
      main,
      'analyze',
      model,
      '--data',
      data,
      '--json',
    ];
    const { stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 2 ** 28 });
    const [, kilobytes] = /peak (\d+)/.exec(stderr) ?? [];
    if (status !== 0 || kilobytes === undefined) throw new Error(`edjm failed: ${stderr}`);
    const peak = Number(kilobytes) / 1000;
    console.log(
      `n = ${String(n)}: peak ${peak.toFixed(0)} MB, ratio to ${String(LIMIT)} MB ${(peak / LIMIT).toFixed(2)}`,
    );
    rmSync(data);
  }
} finally {
  rmSync(folder, { recursive: true });
}
