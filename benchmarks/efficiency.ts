/**
 * Rows of the EDJM and Gram matrices of all outputs of a convolutional network and of a transformer encoder: the share
 * of the rate of one large product by the same engine, turn about in one process. Only products that the forward pass, the
 * backward passes and the Gram matrices (in full) must have are counted.
 *
 *     pnpm bench efficiency [--repeats 5] [--samples 500] [--network convolutional]
 */
import { parseArgs } from 'node:util';
import { onnxBackend, type OnnxSource } from '@edjm/backend-onnx';
import { conv2d, dense, flatten, heNormal, maxPool2d, relu, seededRandom, type Network } from '@edjm/network';
import { writeModel } from '@edjm/onnx-autodiff';
import { productRate, seconds } from './largeProduct.ts';
import { transformer, transformerOperations } from './transformer.ts';
import { median } from './workload.ts';

const OUTPUTS = 10;

interface Workload {
  readonly source: OnnxSource;
  /** Operations of one sample, without the Gram matrices. */
  readonly operations: number;
  readonly dIn: number;
}

/** 64c3-mp2-128c3-mp2-fc on 28 × 28 inputs, padded so that sizes stay. */
function convolutional(): Workload {
  const random = seededRandom(1);
  const source: Network = {
    name: 'convolutional',
    inputShape: [1, 28, 28],
    layers: [
      conv2d({ weight: heNormal([64, 1, 3, 3], random), padding: 1 }),
      relu(),
      maxPool2d({ kernel: 2 }),
      conv2d({ weight: heNormal([128, 64, 3, 3], random), padding: 1 }),
      relu(),
      maxPool2d({ kernel: 2 }),
      flatten(),
      dense({ weight: heNormal([OUTPUTS, 128 * 7 ** 2], random) }),
    ],
  };
  const pass = 2 * (9 * 64 * 28 ** 2 + 9 * 64 * 128 * 14 ** 2 + OUTPUTS * 128 * 7 ** 2);
  return { source, operations: (1 + OUTPUTS) * pass, dIn: 28 ** 2 };
}

function encoder(): Workload {
  const { forward, backward } = transformerOperations();
  const operations = forward + OUTPUTS * backward;
  return { source: writeModel(transformer()), operations, dIn: 3 * 32 ** 2 };
}

const workloads = { convolutional, transformer: encoder };

const { values } = parseArgs({
  options: {
    repeats: { type: 'string', default: '5' },
    samples: { type: 'string', default: '500' },
    batch: { type: 'string' },
    network: { type: 'string' },
  },
});

async function measure(name: keyof typeof workloads): Promise<void> {
  const { source, operations, dIn } = workloads[name]();
  await using network = await onnxBackend().load(source);
  const rows = values.batch === undefined ? network.preferredBatchSize : Number(values.batch);
  const data = Float32Array.from({ length: rows * dIn }, (_, i) => (i % 251) / 251);
  const batch = { rows, columns: dIn, data };
  const outputs = Array.from({ length: OUTPUTS }, (_, index) => index);
  const runs = Math.ceil(Number(values.samples) / rows);
  await network.gram?.(batch, outputs);
  const total = runs * rows * (operations + 2 * OUTPUTS * dIn ** 2);
  const shares: number[] = [];
  for (let repeat = 0; repeat < Number(values.repeats); repeat++) {
    const before = await productRate();
    const time = await seconds(async () => {
      for (let run = 0; run < runs; run++) await network.gram?.(batch, outputs);
    });
    const peer = (before + (await productRate())) / 2;
    const rate = total / time;
    shares.push(rate / peer);
    console.log(
      `${name}: ${time.toFixed(2)} s for ${String(runs * rows)} samples, ${(rate / 1e9).toFixed(0)} GFLOP/s; one product ${(peer / 1e9).toFixed(0)} GFLOP/s; ${(100 * (rate / peer)).toFixed(0)} %`,
    );
  }
  console.log(`${name}: median ${(100 * median(shares)).toFixed(0)} % (batches of ${String(rows)})`);
}

for (const name of Object.keys(workloads) as (keyof typeof workloads)[])
  if (values.network === undefined || values.network === name) await measure(name);
