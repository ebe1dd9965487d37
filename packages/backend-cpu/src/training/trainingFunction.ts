import type { GradientOptions } from '@edjm/core';
import { inferShapes, type Layer, type Network, type Shape, valueCount } from '@edjm/network';
import { type LayerFunction, sequence } from '../layerFunction.ts';
import { isElementwise } from '../layers/elementwise.ts';
import { scale } from '../layers/scale.ts';
import { assembled, differentiableLayer, type SimpleLayer } from '../networkFunction.ts';
import { batchMoments, type Store } from './batchMoments.ts';
import { dropping } from './dropping.ts';
import { eachSample } from './eachSample.ts';

/** The settings of a network's run in a step. */
export interface TrainingRun extends Pick<GradientOptions, 'dropout' | 'batchStatistics'> {
  /** n: samples in the batch. */
  readonly samples: number;
  /** Receives the new statistics of batch normalization, by the arrays that hold the old ones. */
  readonly store: Store;
}

/** The network as a function of a whole batch, one sample after the other in one array, with dropout and batch statistics. */
export function trainingFunction(network: Network, run: TrainingRun): LayerFunction {
  const shapes = inferShapes(network);
  const { name, layers, inputShape } = network;
  // A layer with no weights behind it is not hidden: it makes the output.
  const end = layers.findLastIndex(hasWeights) + 1;
  const drop = dropping(run.dropout);
  const hidden = (simple: SimpleLayer): LayerFunction => {
    const layer = inBatch(simple, run);
    if (!isElementwise(simple.layer)) return layer;
    return sequence([layer, drop.hidden(run.samples * valueCount(simple.output))]);
  };
  return sequence([
    drop.input(run.samples * valueCount(inputShape)),
    assembled({ name, inputShape, layers: layers.slice(0, end) }, hidden),
    assembled({ name, inputShape: shapes[end] as Shape, layers: layers.slice(end) }, (simple) =>
      inBatch(simple, run),
    ),
  ]);
}

/** A layer as a function of a whole batch. */
function inBatch(simple: SimpleLayer, { samples, batchStatistics, store }: TrainingRun): LayerFunction {
  const { layer, input } = simple;
  if (layer.type !== 'batchNorm' || batchStatistics === undefined) {
    return eachSample(differentiableLayer(simple).value, samples);
  }
  const size = valueCount(input);
  return sequence([
    batchMoments(layer, { samples, size }, { fraction: batchStatistics, store }),
    eachSample(scale(layer, size).value, samples),
  ]);
}

function hasWeights({ type }: Layer): boolean {
  return type === 'dense' || type === 'conv2d' || type === 'residual';
}
