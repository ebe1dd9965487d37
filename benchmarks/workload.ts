/** The network and the data of the main job: 784-1000-1000-10 with ReLU, all ten outputs. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { networkToModel } from '@edjm/backend-onnx';
import { multilayerPerceptron, seededRandom, type Network } from '@edjm/network';
import { writeModel } from '@edjm/onnx-autodiff';

export const SIZES = { inputs: 784, hidden: [1000, 1000], outputs: 10 } as const;

/** Weights from a seed; timings do not depend on them. */
export function workloadNetwork(dOut: number = SIZES.outputs): Network {
  return multilayerPerceptron({
    dIn: SIZES.inputs,
    hidden: SIZES.hidden,
    dOut,
    seed: 1,
    name: 'workload',
  });
}

/**
 * Multiplications and additions of one sample: forward, the reverse pass of every output, and the Gram matrices in full.
 */
export function operationsPerSample(): number {
  const widths = [SIZES.inputs, ...SIZES.hidden, SIZES.outputs];
  const weights = widths.slice(1).reduce((sum, width, layer) => sum + width * (widths[layer] ?? 0), 0);
  return 2 * weights * (1 + SIZES.outputs) + 2 * SIZES.outputs * SIZES.inputs ** 2;
}

/** Writes the network as an .onnx file, with that many outputs. */
export async function writeWorkloadModel(path: string, dOut: number = SIZES.outputs): Promise<void> {
  await writeFile(path, writeModel(networkToModel(workloadNetwork(dOut))));
}

/** Writes n samples of uniform numbers as a .npy file, a block at a time. */
export function writeSamples(path: string, n: number): void {
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${String(n)}, ${String(SIZES.inputs)}), }`;
  const header = Buffer.alloc(128, ' ');
  header.write('\x93NUMPY\x01\x00', 'latin1');
  header.writeUInt16LE(118, 8);
  header.write(`${text.padEnd(117)}\n`, 10, 'latin1');
  const { uniform } = seededRandom(2);
  const file = openSync(path, 'w');
  try {
    writeSync(file, header);
    const block = new Float32Array(1000 * SIZES.inputs);
    for (let row = 0; row < n; row += 1000) {
      const values = block.subarray(0, Math.min(1000, n - row) * SIZES.inputs);
      for (let index = 0; index < values.length; index++) values[index] = uniform();
      writeSync(file, new Uint8Array(values.buffer, 0, values.byteLength));
    }
  } finally {
    closeSync(file);
  }
}

export { median } from './median.ts';
