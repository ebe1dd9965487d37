import { EdjmError } from '@edjm/core';
import type { Network } from '@edjm/network';
import type { GraphModel, LayersModel, Tensor } from '@tensorflow/tfjs';
import { type Engine, inEngine } from '../engines/engine.ts';
import { networkFunction } from '../network/networkFunction.ts';
import { graphModelFunction } from './graphModel.ts';
import { layersModelFunction } from './layersModel.ts';
import { readModel } from './readModel.ts';
import type { TensorFunction } from './tensorFunction.ts';

/**
 * A source of the backend: a path (in Node) or URL of a model.json, .keras or .h5 file, the bytes of a Keras file, a model
 * in memory, a network as data, or a function of tensors, [n, …inputShape] in and [n, …] out.
 */
export type TfjsSource =
  string | URL | Uint8Array | LayersModel | GraphModel | Network | ((x: Tensor) => Tensor);

/** Which function of a model is meant. */
export interface ModelOptions {
  readonly output?: string | undefined;
  readonly inputShape?: readonly number[] | undefined;
  /** Whether it is to be trained. Defaults to false. */
  readonly training?: boolean;
}

/** A model of any kind as a function of tensors, on an engine. */
export async function modelFunction(
  engine: Engine,
  source: TfjsSource,
  options: ModelOptions,
): Promise<TensorFunction> {
  if (typeof source === 'function') return plainFunction(source, options);
  if (typeof source === 'string' || source instanceof URL || source instanceof Uint8Array) {
    const { name, model } = await readModel(engine, source);
    const dispose = (): void => {
      model.dispose();
    };
    try {
      return { ...ofModel(engine, model, { ...options, name }), dispose };
    } catch (error) {
      inEngine(engine, dispose);
      throw error;
    }
  }
  if (isModel(source)) return ofModel(engine, source, options);
  if (options.output !== undefined) {
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `${source.name}: expected no name of an output, as layers of networks as data have none, got "${options.output}". End the network with the layer that is meant.`,
    );
  }
  return inEngine(engine, () => networkFunction(engine.tf, source, options));
}

/** A model of TensorFlow.js, not a network as data. */
function isModel(source: object): source is LayersModel | GraphModel {
  return 'predict' in source && typeof source.predict === 'function';
}

/** Whether a model is one of layers, not a graph. */
function isLayersModel(model: LayersModel | GraphModel): model is LayersModel {
  return 'layers' in model;
}

function ofModel(
  { tf }: Engine,
  model: LayersModel | GraphModel,
  options: ModelOptions & { readonly name?: string },
): TensorFunction {
  return isLayersModel(model) ? layersModelFunction(tf, model, options) : graphModelFunction(model, options);
}

function plainFunction(run: (x: Tensor) => Tensor, { output, inputShape }: ModelOptions): TensorFunction {
  const name = run.name === '' ? 'the function' : run.name;
  if (inputShape === undefined || output !== undefined) {
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `${name}: expected inputShape, the shape of one sample, and no name of an output, got ${output === undefined ? 'no shape' : `"${output}"`}. A function of tensors declares no shape and no outputs.`,
    );
  }
  return { name, inputShape, run, dispose: () => undefined };
}
