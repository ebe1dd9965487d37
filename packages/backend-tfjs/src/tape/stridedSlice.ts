import type { Tensor } from '@tensorflow/tfjs';
import type { Slice } from '../engines/stridedSlice.ts';
import type { Tf } from '../engines/tf.ts';

/** The way back through a slice with steps: zeros for the values that it leaves out. TensorFlow.js has no derivative. */
export function stridedSliceBack(
  tf: Tf,
  dy: Tensor,
  { shape, slice }: { readonly shape: number[]; readonly slice: Slice },
): Tensor {
  const { begin, end, strides } = tf.slice_util.sliceInfo(
    shape,
    slice.begin,
    slice.end,
    slice.strides,
    slice.beginMask,
    slice.endMask,
    slice.ellipsisMask,
    slice.newAxisMask,
    slice.shrinkAxisMask,
  );
  const counts = tf.slice_util.computeOutShape(begin, end, strides);
  if (counts.includes(0)) return tf.zeros(shape);
  return shape.reduce((part, length, axis) => {
    const [start = 0, step = 1, count = 1] = [begin[axis], strides[axis], counts[axis]];
    const ordered = step < 0 ? tf.reverse(part, axis) : part;
    const apart = Math.abs(step);
    const { shape: before } = ordered;
    const [left, right] = [before.slice(0, axis), before.slice(axis + 1)];
    const split = ordered.reshape([...left, count, 1, ...right]);
    const padding = split.shape.map((_, i): [number, number] => [0, i === axis + 1 ? apart - 1 : 0]);
    const spread = apart === 1 ? ordered : tf.pad(split, padding).reshape([...left, count * apart, ...right]);
    const covered = (count - 1) * apart + 1;
    const kept = tf.slice(
      spread,
      spread.shape.map(() => 0),
      spread.shape.map((size, i) => (i === axis ? covered : size)),
    );
    const lowest = step < 0 ? start + (count - 1) * step : start;
    return tf.pad(
      kept,
      kept.shape.map((_, i): [number, number] => (i === axis ? [lowest, length - lowest - covered] : [0, 0])),
    );
  }, dy.reshape(counts));
}
