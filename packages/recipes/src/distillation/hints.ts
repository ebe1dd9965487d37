import { EdjmError } from '@edjm/core';
import {
  inferShapes,
  type Initializer,
  type LayerDescription,
  type Network,
  networkFromDescription,
  type Shape,
  type Tensor,
  valueCount,
  withParameters,
} from '@edjm/network';

/** Options of {@link hintNetwork}. */
export interface HintOptions {
  /** The guided layer of the student, counted from 0: the last of those that learn from the hint. */
  readonly layer: number;
  /** Shape of the hint, the output of the teacher's hidden layer: `[d]`, or `[C, H, W]`. */
  readonly hintShape: Shape;
  /**
   * What leads from the guided layer to the hint: a dense layer, or a convolution with the kernel that makes its height and width those of
   * the hint, of fewer parameters. Defaults to a convolution where both are images, the student's not the smaller one.
   */
  readonly regressor?: 'dense' | 'conv2d';
  /** Draws the weights of the regressor. Defaults to `heNormal`. */
  readonly initializer?: Initializer;
  /** A 32-bit integer, for the regressor. Defaults to 0. */
  readonly seed?: number;
}

/**
 * The first layers of a student with a regressor behind them, to be trained on a hint: the hidden outputs of a teacher, which
 * `teacherOutputs` gives, by squared error (Romero et al. 2014, FitNets). {@link withHint} puts the layers that were trained back into the
 * student, whose training then goes on with the teacher's outputs.
 *
 * @throws EdjmError `INVALID_ARGUMENT` for a layer that the student does not have, `SHAPE_MISMATCH` for a convolution that cannot reach the hint.
 *
 * @example
 * ```ts
 * import type { DenseMatrix, TrainableBackend } from '@edjm/core';
 * import type { Network } from '@edjm/network';
 * import { hintNetwork, withHint } from '@edjm/recipes';
 *
 * export async function hinted(
 *   student: Network,
 *   backend: TrainableBackend<Network>,
 *   { samples, hints }: { samples: DenseMatrix; hints: DenseMatrix },
 * ): Promise<Network> {
 *   const layer = 3;
 *   const network = await backend.loadTrainable(hintNetwork(student, { layer, hintShape: [hints.columns] }));
 *   for (let step = 0; step < 100; step++) {
 *     await network.step(samples, hints, { learningRate: 0.01, loss: 'squared-error' });
 *   }
 *   return withHint(student, layer, new Map([...(await network.parameters()), ...(await network.statistics())]));
 * }
 * ```
 */
export function hintNetwork(student: Network, options: HintOptions): Network {
  const { layer, hintShape } = options;
  checkLayer(student, layer);
  const layers = student.layers.slice(0, layer + 1);
  const guided = inferShapes(student)[layer + 1] as Shape;
  const areImages = guided.length === 3 && hintShape.length === 3;
  const fits = areImages && guided.slice(1).every((size, axis) => size >= (hintShape[axis + 1] as number));
  const { regressor = fits ? 'conv2d' : 'dense', ...drawing } = options;
  if (regressor === 'conv2d' && !fits) {
    throw new EdjmError(
      'SHAPE_MISMATCH',
      `${student.name}: expected a guided layer [C, H, W] at least as high and wide as the hint [${hintShape.join(', ')}], got [${guided.join(', ')}]. Take a dense regressor, or other layers.`,
    );
  }
  const name = `${student.name}, hint`;
  const description = { name, inputShape: guided, layers: regressorLayers(regressor, guided, hintShape) };
  return {
    name,
    inputShape: student.inputShape,
    layers: [...layers, ...networkFromDescription(description, drawing).layers],
  };
}

function regressorLayers(type: 'dense' | 'conv2d', guided: Shape, hint: Shape): readonly LayerDescription[] {
  if (type === 'dense') {
    const dense = { type: 'dense', units: valueCount(hint) } as const;
    return guided.length === 1 ? [dense] : [{ type: 'flatten' }, dense];
  }
  const [channels = 0] = hint;
  const kernel = (axis: 1 | 2) => (guided[axis] as number) - (hint[axis] as number) + 1;
  return [{ type: 'conv2d', channels, kernel: [kernel(1), kernel(2)] }];
}

/**
 * The student with the layers that were trained on a hint.
 *
 * @param layer - the guided layer, as {@link hintNetwork} was told.
 * @param trained - parameters and statistics of the hint network by name. Those of the regressor are left out.
 * @throws EdjmError as `withParameters`; `INVALID_ARGUMENT` for a layer that the student does not have.
 */
export function withHint(student: Network, layer: number, trained: ReadonlyMap<string, Tensor>): Network {
  checkLayer(student, layer);
  // A name begins with the number of its layer.
  const kept = [...trained].filter(([name]) => Number.parseInt(name, 10) <= layer);
  return withParameters(student, new Map(kept));
}

function checkLayer({ name, layers }: Network, layer: number): void {
  if (Number.isInteger(layer) && layer >= 0 && layer < layers.length) return;
  throw new EdjmError(
    'INVALID_ARGUMENT',
    `${name}: expected a layer from 0 to ${layers.length - 1}, got ${layer}. Name one of the student.`,
  );
}
