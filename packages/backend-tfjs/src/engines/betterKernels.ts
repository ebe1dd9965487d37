import type { KernelConfig } from '@tensorflow/tfjs';
import { broadcastBatchNorm } from './broadcastBatchNorm.ts';
import { type BetterKernel, longSums } from './longSums.ts';
import { droppingSlice } from './stridedSlice.ts';
import type { Tf } from './tf.ts';
import { betterWasmKernels } from './wasmKernels.ts';

const everywhere: Readonly<Record<string, BetterKernel>> = {
  FusedBatchNorm: broadcastBatchNorm,
  StridedSlice: droppingSlice,
};

/** Kernels in place of those of engines. The engine cpu adds in float64, graphics processors in blocks. */
const better: Readonly<Record<string, Readonly<Record<string, BetterKernel>>>> = {
  tensorflow: { ...everywhere, ...longSums },
  wasm: { ...everywhere, ...longSums, ...betterWasmKernels },
};

/** Does work with better kernels in place of some of the engine's, which are back in their places when it is done. */
export function withBetterKernels<T>(tf: Tf, engine: string, work: () => T): T {
  const replaced: KernelConfig[] = [];
  for (const [kernelName, kernel] of Object.entries(better[engine] ?? everywhere)) {
    const own = kernelOf(tf, kernelName, engine);
    if (own === undefined) continue;
    replaced.push(own);
    tf.unregisterKernel(kernelName, engine);
    tf.registerKernel({ ...own, kernelFunc: (call) => kernel(tf, own.kernelFunc, call) });
  }
  try {
    return work();
  } finally {
    for (const own of replaced) {
      tf.unregisterKernel(own.kernelName, engine);
      tf.registerKernel(own);
    }
  }
}

function kernelOf(tf: Tf, kernelName: string, engine: string): KernelConfig | undefined {
  // Declared never to be undefined, which it is.
  return tf.getKernel(kernelName, engine);
}
