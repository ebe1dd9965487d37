import type { KernelConfig, NamedTensorInfoMap, Tensor, TensorInfo } from '@tensorflow/tfjs';
import { fastKernels, missingKernels } from './convolutionKernels.ts';
import type { Tf } from './engine.ts';

const ENGINE = 'wasm';

/**
 * Adds what the WebAssembly engine lacks of the kernels that convolutional networks are differentiated with; one that it has got meanwhile
 * stays. TensorFlow.js keeps one table of kernels for all engines of a process: that is where these go.
 */
export function addMissingKernels(tf: Tf): void {
  for (const [kernelName, kernel] of Object.entries(missingKernels)) {
    if (kernelOf(tf, kernelName) !== undefined) continue;
    register(tf, kernelName, ({ inputs, attrs = {} }) => tf.tidy(() => kernel(tf, inputs, attrs)));
  }
}

/** Does work with better kernels in place of some of the engine's, which are back in their places when it is done. */
export function withBetterKernels<T>(tf: Tf, work: () => T): T {
  const replaced: KernelConfig[] = [];
  for (const [kernelName, better] of Object.entries(betterKernels(tf))) {
    const own = kernelOf(tf, kernelName);
    if (own === undefined) continue;
    replaced.push(own);
    tf.unregisterKernel(kernelName, ENGINE);
    register(tf, kernelName, (call) => better(own.kernelFunc, call));
  }
  try {
    return work();
  } finally {
    for (const own of replaced) {
      tf.unregisterKernel(own.kernelName, ENGINE);
      tf.registerKernel(own);
    }
  }
}

type KernelFunction = KernelConfig['kernelFunc'];
type Call = Parameters<KernelFunction>[0];

function betterKernels(
  tf: Tf,
): Readonly<Record<string, (own: KernelFunction, call: Call) => ReturnType<KernelFunction>>> {
  const fast = Object.entries(fastKernels).map(
    ([name, kernel]) =>
      [
        name,
        (_: KernelFunction, { inputs, attrs = {} }: Call) => tf.tidy(() => kernel(tf, inputs, attrs)),
      ] as const,
  );
  return {
    ...Object.fromEntries(fast),
    MaxPoolGrad: (own, call) => tf.tidy(() => maxPoolGrad(tf, own, call)),
  };
}

/**
 * The derivative of max pooling. The engine's own gives nothing for windows without a value above zero: it looks for the largest one
 * starting from the smallest positive number. Such windows go through it again with 1/|x| in place of x, which has the same order there.
 */
function maxPoolGrad(tf: Tf, own: KernelFunction, { inputs, ...call }: Call): Tensor {
  const { dy, input, output } = inputs as NamedTensorInfoMap & Record<'dy' | 'input' | 'output', Tensor>;
  const above = tf.cast(tf.greater(output, 0), 'float32');
  const back = (x: Tensor, cotangent: Tensor): Tensor => {
    const gradient = own({ ...call, inputs: { dy: cotangent, input: x, output } }) as TensorInfo;
    return tf.engine().makeTensorFromTensorInfo(gradient);
  };
  const others = back(tf.reciprocal(tf.abs(input)), tf.mul(dy, tf.sub(1, above)));
  return tf.add(back(input, tf.mul(dy, above)), others);
}

function kernelOf(tf: Tf, kernelName: string): KernelConfig | undefined {
  // Declared never to be undefined, which it is.
  return tf.getKernel(kernelName, ENGINE);
}

function register(tf: Tf, kernelName: string, kernelFunc: KernelFunction): void {
  tf.registerKernel({ kernelName, backendName: ENGINE, kernelFunc });
}
