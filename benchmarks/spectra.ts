/**
 * Eigenvalues by worker threads against NumPy (LAPACK), turn about: ten matrices of order 784, one of order 3072, and of that one
 * the largest tenth alone, for which NumPy computes all.
 *
 *     pnpm bench spectra --python PATH [--repeats 5]
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type PackedTriangle, threadedSolver } from '@edjm/linalg';
import { median } from './median.ts';

const { values } = parseArgs({
  options: {
    python: { type: 'string', default: 'python3' },
    repeats: { type: 'string', default: '5' },
  },
});

/** The problem, and the number of matrices. */
const cases = [
  { title: 'ten of order 784', count: 10, order: 784, part: 1 },
  { title: 'one of order 784', count: 1, order: 784, part: 1 },
  { title: 'one of order 3072', count: 1, order: 3072, part: 1 },
  { title: 'the largest tenth of order 3072', count: 1, order: 3072, part: 0.1 },
];

interface Timed {
  readonly seconds: number;
  /** Of the first matrix. */
  readonly values: ArrayLike<number>;
}

/** The lower triangle of a square matrix in a file. */
function readTriangle(path: string, order: number): PackedTriangle {
  const bytes = readFileSync(path);
  const square = new Float64Array(bytes.buffer, bytes.byteOffset, order * order);
  const padded = Math.ceil(order / 4) * 4;
  const entries = new Float64Array((padded * (padded + 1)) / 2);
  for (let row = 0; row < order; row++) {
    entries.set(square.subarray(row * order, row * order + row + 1), (row * (row + 1)) / 2);
  }
  return { order, entries };
}

const folder = mkdtempSync(join(tmpdir(), 'edjm-'));
const script = fileURLToPath(new URL('peers/lapack_spectra.py', import.meta.url));
const python = spawn(values.python, [script, folder], { stdio: ['pipe', 'pipe', 'inherit'] });
const answers = createInterface({ input: python.stdout });
const stopped = once(python, 'close').then(() => {
  throw new Error(`expected an answer of ${values.python}, got its end`);
});
stopped.catch(() => undefined);

async function ask(request: string): Promise<unknown> {
  const answer = once(answers, 'line') as Promise<[string]>;
  python.stdin.write(`${request}\n`);
  const [line] = await Promise.race([answer, stopped]);
  return JSON.parse(line);
}

const solver = threadedSolver();
try {
  for (const { title, count, order, part } of cases) {
    await ask(`make ${String(count)} ${String(order)}`);
    const triangles = Array.from({ length: count }, (_, index) =>
      readTriangle(join(folder, `${String(order)}-${String(index)}.bin`), order),
    );
    const largest = Math.ceil(part * order);
    const ours = async (): Promise<Timed> => {
      const start = performance.now();
      const [found] = await Promise.all(triangles.map((one) => solver.symmetricEigenvalues(one, largest)));
      return { seconds: (performance.now() - start) / 1000, values: found ?? [] };
    };
    // The first call compiles.
    await ours();
    const [mine, peers, ratios]: number[][] = [[], [], []];
    let off = 0;
    for (let repeat = 0; repeat < Number(values.repeats); repeat++) {
      // Threads of either side spin for a while before they sleep.
      await wait(300);
      const peer = (await ask(`all ${String(count)} ${String(order)}`)) as Timed;
      await wait(300);
      const own = await ours();
      mine?.push(own.seconds);
      peers?.push(peer.seconds);
      ratios?.push(own.seconds / peer.seconds);
      for (let k = 0; k < largest; k++) {
        const difference = Math.abs((own.values[k] ?? NaN) - (peer.values[k] ?? NaN));
        off = Math.max(off, difference / (peer.values[0] ?? NaN));
      }
    }
    const best = (seconds: readonly number[] = []): string => Math.min(...seconds).toFixed(3);
    console.log(
      `${title}: edjm ${best(mine)} s, LAPACK ${best(peers)} s at best; median ratio ${median(ratios ?? []).toFixed(2)}, ` +
        `least ${Math.min(...(ratios ?? [])).toFixed(2)}; largest difference ${off.toExponential(1)} of the largest value`,
    );
  }
} finally {
  await solver.dispose();
  python.stdin.end();
  rmSync(folder, { recursive: true });
}
