import { EdjmError } from '@edjm/core';
import type {
  KernelConfig,
  NamedAttrMap,
  NamedTensorInfoMap,
  Tensor,
  Tensor4D,
  TensorInfo,
} from '@tensorflow/tfjs';
import { fastKernels, missingKernels } from './convolutionKernels.ts';
import type { BetterKernel, KernelCall, KernelFunction } from './longSums.ts';
import type { Tf } from './tf.ts';

const ENGINE = 'wasm';

/**
 * Adds kernels that derivatives of convolutional networks need and the WebAssembly engine lacks. Kernels that the engine
 * has by now stay. They go into the table of kernels that TensorFlow.js keeps for all engines of a process.
 */
export function addMissingKernels(tf: Tf): void {
  for (const [kernelName, kernel] of Object.entries(missingKernels)) {
    if (kernelOf(tf, kernelName) !== undefined) continue;
    register(tf, kernelName, ({ inputs, attrs = {} }) => tf.tidy(() => kernel(tf, inputs, attrs)));
  }
}

/** Kernels in place of the engine's own. */
export const betterWasmKernels: Readonly<Record<string, BetterKernel>> = {
  ...Object.fromEntries(
    Object.entries(fastKernels).map(([name, kernel]): [string, BetterKernel] => [
      name,
      (tf, _, { inputs, attrs = {} }) => tf.tidy(() => kernel(tf, inputs, attrs)),
    ]),
  ),
  MaxPoolGrad: (tf, own, call) => tf.tidy(() => maxPoolGrad(tf, own, call)),
  Conv3DBackpropInputV2: refusesConvolution3d,
  Conv3DBackpropFilterV2: refusesConvolution3d,
};

/** The engine's own kernel is right for some shapes and wrong for others, some of which pass the check of adjoints. */
function refusesConvolution3d(): never {
  throw new EdjmError(
    'UNSUPPORTED',
    'expected operations that the engine wasm of TensorFlow.js differentiates rightly, got Conv3D, whose derivatives it gets wrong. Take another engine, or export the model to ONNX.',
  );
}

/**
 * The derivative of max pooling. The engine's own kernel gives 0 for windows without a value above zero: it looks for the
 * largest one starting from the smallest positive number. Such windows go through it again with 1/|x| in place of x,
 * which has the same order there. Of equal values it takes the last one, whereas all other engines take the first. So it
 * gets reversed images.
 */
function maxPoolGrad(tf: Tf, own: KernelFunction, { inputs, attrs = {}, ...call }: KernelCall): Tensor {
  const { dy, input, output } = inputs as NamedTensorInfoMap & Record<'dy' | 'input' | 'output', Tensor4D>;
  const [rows, columns] = covered(tf, input, attrs);
  const image = tf
    .pad<Tensor4D>(input, [[0, 0], rows.pad, columns.pad, [0, 0]], -Infinity)
    .slice([0, 0, 0, 0], [-1, rows.size, columns.size, -1]);
  const [x, y, cotangents] = [image, output, dy].map((tensor) => tf.reverse4d(tensor, [1, 2])) as [
    Tensor4D,
    Tensor4D,
    Tensor4D,
  ];
  const above = tf.cast(tf.greater(y, 0), 'float32');
  const back = (of: Tensor, cotangent: Tensor): Tensor4D => {
    const turned = { dy: cotangent, input: of, output: y };
    const gradient = own({ ...call, inputs: turned, attrs: { ...attrs, pad: 'valid' } }) as TensorInfo;
    return tf.engine().makeTensorFromTensorInfo(gradient) as Tensor4D;
  };
  const others = back(tf.reciprocal(tf.abs(x)), tf.mul(cotangents, tf.sub(1, above)));
  const gradient = tf.reverse4d(tf.add<Tensor4D>(back(x, tf.mul(cotangents, above)), others), [1, 2]);
  const [, height, width] = input.shape;
  return tf
    .pad<Tensor4D>(gradient, [
      [0, 0],
      [0, rows.left],
      [0, columns.left],
      [0, 0],
    ])
    .slice([0, rows.pad[0], columns.pad[0], 0], [-1, height, width, -1]);
}

/** The part of an axis of an image that the windows of a pooling cover. */
interface Covered {
  /** Around the image, before it is cut to the size. */
  readonly pad: [number, number];
  readonly size: number;
  /** The number of values that they leave out at the end. */
  readonly left: number;
}

function covered(tf: Tf, image: Tensor4D, attributes: NamedAttrMap): readonly [Covered, Covered] {
  const { filterSize, strides, pad, dimRoundingMode } = attributes;
  const info = tf.backend_util.computePool2DInfo(
    image.shape,
    filterSize as [number, number],
    strides as [number, number],
    1,
    pad as 'same' | 'valid' | number,
    dimRoundingMode as 'floor' | 'round' | 'ceil' | undefined,
  );
  const along = (length: number, before: number, size: number): Covered => {
    const left = before + length - size;
    return { pad: [before, Math.max(0, -left)], size, left: Math.max(0, left) };
  };
  const height = (info.outHeight - 1) * info.strideHeight + info.effectiveFilterHeight;
  const width = (info.outWidth - 1) * info.strideWidth + info.effectiveFilterWidth;
  return [along(info.inHeight, info.padInfo.top, height), along(info.inWidth, info.padInfo.left, width)];
}

function kernelOf(tf: Tf, kernelName: string): KernelConfig | undefined {
  // It can be undefined, although its type says otherwise.
  return tf.getKernel(kernelName, ENGINE);
}

function register(tf: Tf, kernelName: string, kernelFunc: KernelFunction): void {
  tf.registerKernel({ kernelName, backendName: ENGINE, kernelFunc });
}
