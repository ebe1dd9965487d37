import { type Conv2dLayer, type Tensor, valueCount } from '@edjm/network';

/** A tensor with its axes in another order: axis i of the result is axis `order[i]`. */
export function permuted({ shape, data }: Tensor, order: readonly number[]): Tensor {
  const steps = shape.map((_, axis) => valueCount(shape.slice(axis + 1)));
  const sizes = order.map((axis) => shape[axis] ?? 1);
  const strides = order.map((axis) => steps[axis] ?? 1);
  const result = new Float32Array(data.length);
  const place = sizes.map(() => 0);
  let from = 0;
  for (let to = 0; to < result.length; to++) {
    result[to] = data[from] ?? 0;
    for (let axis = sizes.length - 1; axis >= 0; axis--) {
      const [size = 1, stride = 0, at = 0] = [sizes[axis], strides[axis], place[axis]];
      if (at + 1 < size) {
        place[axis] = at + 1;
        from += stride;
        break;
      }
      place[axis] = 0;
      from -= at * stride;
    }
  }
  return { shape: sizes, data: result };
}

/**
 * The kernel of a convolution without dilation, and of one group unless `keepGroups`: with zeros in place of the entries
 * that dilation and groups leave out.
 */
export function spreadKernel({ weight, dilation, groups }: Conv2dLayer, keepGroups: boolean): Tensor {
  const [outputs = 0, inputs = 0, height = 0, width = 0] = weight.shape;
  const [down, across] = dilation;
  const channels = keepGroups ? inputs : inputs * groups;
  const shape = [outputs, channels, (height - 1) * down + 1, (width - 1) * across + 1] as const;
  const data = new Float32Array(valueCount(shape));
  for (let index = 0; index < weight.data.length; index++) {
    const x = index % width;
    const y = Math.floor(index / width) % height;
    const input = Math.floor(index / (width * height)) % inputs;
    const output = Math.floor(index / (width * height * inputs));
    const first = keepGroups ? 0 : Math.floor(output / (outputs / groups)) * inputs;
    const row = ((output * channels + first + input) * shape[2] + y * down) * shape[3];
    data[row + x * across] = weight.data[index] ?? 0;
  }
  return { shape, data };
}
