import { EdjmError } from '@edjm/core';
import type { LayersModel, Tensor } from '@tensorflow/tfjs';
import type { Tf } from '../engines/tf.ts';
import { resolveInputShape } from './inputShape.ts';
import type { Parameter, TensorFunction, Trainable } from './tensorFunction.ts';

/** Which part of a model is meant, and how it is called. */
interface LayersModelOptions {
  /** Defaults to the model's own name. */
  readonly name?: string | undefined;
  readonly output?: string | undefined;
  readonly inputShape?: readonly number[] | undefined;
}

/**
 * A layers model up to one of its outputs or layers.
 *
 * @throws EdjmError `AMBIGUOUS`, `NOT_FOUND` for an output that does not exist, `UNSUPPORTED` for several inputs.
 */
export function layersModelFunction(tf: Tf, model: LayersModel, options: LayersModelOptions): TensorFunction {
  const { name = model.name, output } = options;
  const [input, ...others] = model.inputs;
  if (input === undefined || others.length > 0) {
    throw new EdjmError(
      'UNSUPPORTED',
      `${name}: expected a model of one input, got ${String(model.inputs.length)}: ${model.inputNames.join(', ')}. Give a function of the one that is meant, (x) => model.apply([x, …]), or export the model to ONNX.`,
    );
  }
  if (input.dtype !== 'float32') {
    throw new EdjmError(
      'UNSUPPORTED',
      `${name}: expected an input in float32, got ${input.dtype}: there is no derivative with respect to whole numbers. Export the model to ONNX and choose a tensor of real numbers behind that input by the option 'input' (--input NAME).`,
    );
  }
  return {
    name,
    ...resolveInputShape(name, input.shape, options.inputShape),
    run: chosenOutput(tf, model, { name, output }),
    outputName: output ?? model.outputs[0]?.sourceLayer.name,
    isHidden: output !== undefined && !model.outputNames.includes(output),
    ...(output === undefined && model.outputs.length === 1 && { trainable: trainableOf(model) }),
    dispose: () => undefined,
  };
}

function chosenOutput(
  tf: Tf,
  model: LayersModel,
  { name, output }: { readonly name: string; readonly output: string | undefined },
): (x: Tensor) => Tensor {
  const index = output === undefined ? 0 : model.outputNames.indexOf(output);
  if (output === undefined && model.outputs.length !== 1) {
    throw new EdjmError(
      'AMBIGUOUS',
      `${name}: expected the name of an output, got none, and there are ${String(model.outputs.length)}: ${model.outputNames.join(', ')}. Choose one by the option 'output' (--output NAME).`,
    );
  }
  if (index >= 0) return (x) => outputsFor(model, x)[index] as Tensor;
  const hidden = model.layers.find((layer) => layer.name === output)?.output;
  if (hidden !== undefined && !Array.isArray(hidden)) {
    const part = tf.model({ inputs: model.inputs, outputs: hidden });
    return (x) => outputsFor(part, x)[0] as Tensor;
  }
  throw new EdjmError(
    'NOT_FOUND',
    `${name}: expected the name of a layer with one output, got "${output ?? ''}". There are ${model.layers.map((layer) => layer.name).join(', ')}. Choose one of them by the option 'output' (--output NAME).`,
  );
}

/** All outputs of a model in inference mode. */
function outputsFor(model: LayersModel, x: Tensor): readonly Tensor[] {
  const outputs = model.apply(x, { training: false }) as Tensor | Tensor[];
  return Array.isArray(outputs) ? outputs : [outputs];
}

/** Weights by the names that TensorFlow.js gives them, such as `dense/kernel`. */
function named(weights: LayersModel['weights']): ReadonlyMap<string, Parameter> {
  const parameters = new Map<string, Parameter>();
  for (const weight of weights) {
    // Layers of nested models may have the same name; TensorFlow.js's other name of a weight is never given twice.
    const name = parameters.has(weight.originalName) ? weight.name : weight.originalName;
    parameters.set(name, parameterOf(weight));
  }
  return parameters;
}

function parameterOf(weight: LayersModel['weights'][number]): Parameter {
  // `read` gives the variable itself; `write` keeps to its constraint.
  const variable = weight.read();
  const assign = (value: Tensor): void => {
    weight.write(value);
  };
  return { variable, assign, shape: variable.shape };
}

/**
 * A model in training mode: its own layers of dropout are at work, and batches are normalized by themselves, which changes weights that
 * gradients leave alone.
 */
function trainableOf(model: LayersModel): Trainable {
  return {
    parameters: named(model.trainableWeights),
    statistics: named(model.nonTrainableWeights),
    dropsHidden: false,
    run: (x) => model.apply(x, { training: true }) as Tensor,
  };
}
