import type { NamedAttrMap, Tensor } from '@tensorflow/tfjs';
import type { BetterKernel } from './longSums.ts';

/** Attributes of a slice with steps. Bits of the masks stand for axes. */
export interface Slice {
  readonly begin: number[];
  readonly end: number[];
  readonly strides: number[];
  readonly beginMask: number;
  readonly endMask: number;
  readonly ellipsisMask: number;
  readonly newAxisMask: number;
  readonly shrinkAxisMask: number;
}

/** Slices with steps that drop axes, as x[::2, 1] does. Kernels of TensorFlow.js take other values there, without an error. */
export const droppingSlice: BetterKernel = (tf, own, call) => {
  const slice = sliceOf(call.attrs ?? {});
  const { x } = call.inputs as Readonly<Record<string, Tensor | undefined>>;
  if (x === undefined || slice.shrinkAxisMask === 0) return own(call);
  const { begin, end, strides, finalShape, isSimpleSlice } = tf.slice_util.sliceInfo(
    x.shape,
    slice.begin,
    slice.end,
    slice.strides,
    slice.beginMask,
    slice.endMask,
    slice.ellipsisMask,
    slice.newAxisMask,
    slice.shrinkAxisMask,
  );
  if (isSimpleSlice) return own(call);
  // An end before the first value would count from the last one.
  const open = end.reduce((mask, place, axis) => (place < 0 ? mask | (1 << axis) : mask), 0);
  return tf.tidy(() => tf.stridedSlice(x, begin, end, strides, 0, open).reshape(finalShape));
};

/** The attributes of a call as a slice. */
export function sliceOf(attributes: Partial<NamedAttrMap>): Slice {
  const list = (name: string): number[] => attributes[name] as number[];
  const mask = (name: string): number => attributes[name] as number;
  return {
    begin: list('begin'),
    end: list('end'),
    strides: list('strides'),
    beginMask: mask('beginMask'),
    endMask: mask('endMask'),
    ellipsisMask: mask('ellipsisMask'),
    newAxisMask: mask('newAxisMask'),
    shrinkAxisMask: mask('shrinkAxisMask'),
  };
}
