import { EdjmError } from '@edjm/core';
import type { GraphModel, Tensor } from '@tensorflow/tfjs';
import { resolveInputShape } from './inputShape.ts';
import type { TensorFunction } from './tensorFunction.ts';

/** The selected part of a model, and its name. */
interface GraphModelOptions {
  /** Defaults to `'graph model'`: it has no name of its own. */
  readonly name?: string | undefined;
  readonly output?: string | undefined;
  readonly inputShape?: readonly number[] | undefined;
}

/**
 * A graph model up to one of its outputs or nodes.
 *
 * @throws EdjmError `AMBIGUOUS`, `UNSUPPORTED` for several inputs and for one that is not in float32.
 */
export function graphModelFunction(model: GraphModel, options: GraphModelOptions): TensorFunction {
  const { name = 'graph model', output } = options;
  const [input, ...others] = model.inputs;
  if (input === undefined || others.length > 0) {
    throw new EdjmError(
      'UNSUPPORTED',
      `${name}: expected a model of one input, got ${String(model.inputs.length)}: ${model.inputNodes.join(', ')}. Give a function of the one that is meant, (x) => model.execute({ …, x }).`,
    );
  }
  if (input.dtype !== 'float32') {
    throw new EdjmError(
      'UNSUPPORTED',
      `${name}: expected an input in float32, got ${input.dtype}: there is no derivative with respect to whole numbers. Export the model to ONNX and choose a tensor of real numbers behind that input by the option 'input' (--input NAME).`,
    );
  }
  if (output === undefined && model.outputs.length !== 1) {
    throw new EdjmError(
      'AMBIGUOUS',
      `${name}: expected the name of an output, got none, and there are ${String(model.outputs.length)}: ${model.outputNodes.join(', ')}. Choose one by the option 'output' (--output NAME).`,
    );
  }
  const wanted = output ?? model.outputNodes[0] ?? '';
  return {
    name,
    ...resolveInputShape(name, input.shape ?? [], options.inputShape),
    outputName: wanted,
    isHidden: !model.outputNodes.some((node) => node.split(':')[0] === wanted.split(':')[0]),
    run: (x) => {
      const y = model.execute({ [input.name]: x }, wanted);
      return Array.isArray(y) ? (y[0] as Tensor) : y;
    },
    dispose: () => undefined,
  };
}
