/**
 * A step of training of 784-WIDTH-WIDTH-10 with momentum by ONNX Runtime, against PyTorch: turn about, some steps each.
 *
 *     pnpm bench onnx-training --python PATH [--batch 128] [--width 3000] [--repeats 5]
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { onnxBackend } from '@edjm/backend-onnx';
import { multilayerPerceptron } from '@edjm/network';
import { seconds } from './largeProduct.ts';
import { median } from './median.ts';

const { values } = parseArgs({
  options: {
    python: { type: 'string', default: 'python3' },
    batch: { type: 'string', default: '128' },
    width: { type: 'string', default: '3000' },
    repeats: { type: 'string', default: '5' },
  },
});
const [rows, width] = [Number(values.batch), Number(values.width)];
const [dIn, dOut] = [784, 10];
/** Steps of a turn, and how many of them are for warming up. */
const [steps, first] = [12, 4];

const data = Float32Array.from({ length: rows * dIn }, (_, i) => (i % 251) / 251);
const labels = Float32Array.from({ length: rows * dOut }, (_, i) =>
  i % dOut === Math.floor(i / dOut) % dOut ? 1 : 0,
);
const source = multilayerPerceptron({ dIn, hidden: [width, width], dOut, seed: 1 });
await using network = await onnxBackend().loadTrainable(source);

async function ours(): Promise<number> {
  const times: number[] = [];
  for (let step = 0; step < steps; step++) {
    const batch = { rows, columns: dIn, data };
    const targets = { rows, columns: dOut, data: labels };
    times.push(
      await seconds(async () => {
        await network.step(batch, targets, { learningRate: 1e-3, momentum: 0.9 });
      }),
    );
  }
  return median(times.slice(first));
}

function theirs(): number {
  const script = fileURLToPath(new URL('peers/torch_training.py', import.meta.url));
  const run = spawnSync(values.python, [script, rows, width, steps].map(String), { encoding: 'utf8' });
  if (run.status !== 0) throw new Error(`${values.python} ${script} failed: ${run.stderr}`);
  return median((JSON.parse(run.stdout) as number[]).slice(first));
}

const turns: { readonly ours: number; readonly theirs: number }[] = [];
for (let repeat = 0; repeat < Number(values.repeats); repeat++) {
  turns.push({ ours: await ours(), theirs: theirs() });
}
const milliseconds = (list: readonly number[]) => (1000 * median(list)).toFixed(0);
console.log(
  `a step of ${String(rows)} samples ${milliseconds(turns.map((turn) => turn.ours))} ms, PyTorch ${milliseconds(turns.map((turn) => turn.theirs))} ms, ` +
    `median ratio ${median(turns.map((turn) => turn.ours / turn.theirs)).toFixed(2)} of ${String(turns.length)}`,
);
