import type { NamedTensorMap, Tensor } from '@tensorflow/tfjs';
import type { Tf } from '../engines/tf.ts';
import type { KernelCall } from './calls.ts';
import { stepKernels } from './pullback.ts';
import { linearIn } from './recording.ts';
import { Tape } from './tape.ts';

/** The derivative of a kernel along a random direction, beside central differences of its values. */
export interface Difference {
  readonly operation: string;
  /**
   * By the derivative, by differences of a width, of half of it, the sum of their terms' absolute values, and by how much differences to both sides
   * lie apart.
   */
  readonly products: Tensor;
}

/** The largest difference, relative to the sum of absolute terms. Differences of values in float32 are no better. */
const TOLERANCE = 0.03;
/** Differences of both widths, and to both sides, agree so well, relative to their distance from the derivative, if there is no kink near. */
const AGREEMENT = 0.25;
/** The width of differences, and how far inputs are moved away from ties, relative to the inputs. */
const [WIDTH, AWAY] = [0.01, 0.05];
/** Rounding of differences, relative to the values. */
const ROUNDING = 1e-6;

/**
 * Runs kernels once more, a little away from their inputs: at ties, where conventions decide, differences say nothing. Read the
 * products and dispose of them: they are kept.
 *
 * @param dependent - Numbers of the tensors that depend on the samples.
 */
export function differences(
  tf: Tf,
  calls: Iterable<KernelCall>,
  dependent: ReadonlySet<number>,
): readonly Difference[] {
  return [...calls].flatMap((call) => {
    const { kernelName, inputs, inputIds, outputIds } = call;
    const names = Object.keys(inputs).filter(
      (name) => inputs[name]?.dtype === 'float32' && dependent.has(inputIds[name] ?? NaN),
    );
    const reached = outputIds.some((id) => dependent.has(id));
    if (!reached || names.length === 0 || stepKernels.has(kernelName)) return [];
    // Adjoints show as much of these, for less.
    if (names.every((name) => name === linearIn[kernelName])) return [];
    const products = tf.tidy(() => alongDirection(tf, call, names));
    return products === undefined ? [] : [{ operation: kernelName, products }];
  });
}

function alongDirection(
  tf: Tf,
  { kernelName, inputs, attributes }: KernelCall,
  names: readonly string[],
): Tensor | undefined {
  // Kernels of many tensors, such as Concat, take a list.
  const empty = (): NamedTensorMap => (Array.isArray(inputs) ? [] : {}) as NamedTensorMap;
  const run = (varied: NamedTensorMap): Tensor => {
    const found = tf
      .engine()
      .runKernel<Tensor | Tensor[]>(kernelName, Object.assign(empty(), inputs, varied), attributes);
    const outputs = (Array.isArray(found) ? found : [found]).filter(({ dtype }) => dtype === 'float32');
    return tf.concat(outputs.map((output) => output.reshape([-1])));
  };
  const moved = names.map((name, place) => {
    const x = inputs[name] as Tensor;
    const scale = tf.sqrt(tf.mean(tf.square(x)));
    const direction = tf.mul(noise(tf, x.shape, 3 * place + 1), scale);
    return { name, direction, x: tf.add(x, tf.mul(noise(tf, x.shape, 3 * place + 2), tf.mul(scale, AWAY))) };
  });
  const at = (width: number): Tensor =>
    run(
      Object.fromEntries(moved.map(({ name, x, direction }) => [name, tf.add(x, tf.mul(direction, width))])),
    );
  const xs = moved.map(({ x }) => x);
  const tape = new Tape(tf, () => run(Object.fromEntries(moved.map(({ name, x }) => [name, x]))));
  try {
    const cotangent = noise(tf, tape.y.shape, 5);
    const pullback = tape.pullback(xs, tape.y);
    // A part of an operation that has its derivative as a whole.
    if (pullback.lacking !== undefined) return undefined;
    const gradients = pullback.vjp(cotangent);
    const slope = tf.addN(
      gradients.map((gradient, i) => {
        const direction = moved[i]?.direction;
        const fits = direction !== undefined && tf.util.arraysEqual(gradient.shape, direction.shape);
        return fits ? tf.sum(tf.mul(gradient, direction)) : tf.scalar(Infinity);
      }),
    );
    const half = WIDTH / 2;
    const [ahead, behind] = [at(half), at(-half)];
    const wide = tf.mul(tf.mul(tf.sub(at(WIDTH), at(-WIDTH)), cotangent), 1 / (2 * WIDTH));
    const narrow = tf.mul(tf.mul(tf.sub(ahead, behind), cotangent), 1 / WIDTH);
    // At a kink both widths give the same mean of the slopes on its sides.
    const bend = tf.mul(tf.mul(tf.sub(tf.add(ahead, behind), tf.mul(tape.y, 2)), cotangent), 1 / half);
    const rounding = tf.mul(tf.sum(tf.abs(tf.mul(tape.y, cotangent))), ROUNDING / WIDTH);
    const scale = tf.add(tf.sum(tf.abs(narrow)), tf.div(rounding, TOLERANCE));
    return tf.keep(tf.stack([slope, tf.sum(wide), tf.sum(narrow), scale, tf.sum(tf.abs(bend))]));
  } finally {
    tape.dispose();
  }
}

/** The operations whose derivatives are wrong. */
export async function wrongByDifferences(found: readonly Difference[]): Promise<readonly string[]> {
  const wrong: string[] = [];
  for (const { operation, products } of found) {
    const [slope = NaN, wide = NaN, narrow = NaN, scale = NaN, bend = NaN] = await products.data();
    products.dispose();
    const distance = Math.abs(slope - narrow);
    // Beside a kink or a pole, differences say nothing.
    const isSmooth = Math.abs(wide - narrow) < AGREEMENT * distance && bend < AGREEMENT * distance;
    if (distance > TOLERANCE * scale && isSmooth) wrong.push(operation);
  }
  return wrong;
}

/** Values from -1.5 to -0.5 and 0.5 to 1.5, in an order without a pattern that an image would have. */
function noise(tf: Tf, shape: readonly number[], seed: number): Tensor {
  const size = shape.reduce((product, length) => product * length, 1);
  const values = Float32Array.from({ length: size }, (_, i) => {
    const fraction = 43758.5453 * Math.abs(Math.sin(12.9898 * (i + 1) + 78.233 * seed));
    const share = fraction - Math.floor(fraction);
    return share < 0.5 ? -0.5 - 2 * share : 2 * share - 0.5;
  });
  return tf.tensor(values, [...shape]);
}
