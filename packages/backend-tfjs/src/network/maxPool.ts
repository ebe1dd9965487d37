import type { PoolingWindow } from '@edjm/network';
import type { GradSaveFunc, Tensor, Tensor4D } from '@tensorflow/tfjs';
import { windows } from '../engines/convolutionKernels.ts';
import type { Tf } from '../engines/tf.ts';
import { padded } from './images.ts';
import { type TensorLayer, timesEach } from './tensorLayer.ts';

/** The largest value in each window; padding never wins. */
export function maxPool2d({ kernel, stride, padding }: PoolingWindow, tf: Tf): TensorLayer {
  const pool: Pool = { kernel: [...kernel], stride: [...stride] };
  const largest = (image: Tensor4D) => tf.maxPool(image, pool.kernel, pool.stride, 'valid');
  return {
    run: (x) => largest(padded(x, padding, -Infinity)),
    jvp: ({ primal: x, tangents }) => {
      const image = padded(x, padding, -Infinity);
      const y = largest(image);
      return { primal: y, tangents: chosen(tf, { image, y, tangents: padded(tangents, padding) }, pool) };
    },
  };
}

interface Pool {
  readonly kernel: [number, number];
  readonly stride: [number, number];
}

/** The input and the output of a max pooling, and tangents of the input. */
interface Pooled {
  readonly image: Tensor4D;
  readonly y: Tensor;
  readonly tangents: Tensor4D;
}

/** Of the tangents of each window that of its largest value, which is taken to stay the largest. The adjoint is the derivative of max pooling. */
function chosen(tf: Tf, { image, y, tangents }: Pooled, pool: Pool): Tensor {
  const choose = tf.customGrad((...given: (Tensor | GradSaveFunc)[]) => {
    const [moved, save] = given as [Tensor4D, GradSaveFunc];
    save([image, y]);
    return {
      value: tangentsOfLargest(tf, { image, y, tangents: moved }, pool),
      gradFunc: (cotangents: Tensor, saved: Tensor[]) => {
        const [x, largest] = saved.map((tensor) => repeated(tf, tensor, cotangents)) as [Tensor, Tensor];
        const inputs = { dy: cotangents, input: x, output: largest };
        const attributes = { filterSize: pool.kernel, strides: pool.stride, pad: 'valid' };
        return tf.engine().runKernel<Tensor>('MaxPoolGrad', inputs, attributes);
      },
    };
  });
  return choose(tangents);
}

/** The first of equal values counts, as in the engines' derivative of max pooling. */
function tangentsOfLargest(tf: Tf, { image, y, tangents }: Pooled, { kernel, stride }: Pool): Tensor {
  const info = (x: Tensor4D) => tf.backend_util.computePool2DInfo(x.shape, kernel, stride, 1, 'valid');
  const seen = windows(tf, image, info(image));
  let open = tf.onesLike(y);
  return tf.addN(
    windows(tf, tangents, info(tangents)).map((moved, place) => {
      const won = tf.mul(open, tf.cast(tf.equal(seen[place] ?? y, y), 'float32'));
      open = tf.sub(open, won);
      return timesEach(moved, won);
    }),
  );
}

/** As many copies, one after the other, as there are tangents for each sample. */
function repeated(tf: Tf, tensor: Tensor, tangents: Tensor): Tensor {
  const [n = 1, ...rest] = tensor.shape;
  const [rows = n] = tangents.shape;
  return rows === n ? tensor : tf.tile(tensor, [rows / n, ...rest.map(() => 1)]);
}
