import { tfjsBackend } from '@edjm/backend-tfjs';
import { EdjmError, type DifferentiableNetwork } from '@edjm/core';
import type { Network } from '@edjm/network';
import type { Shell } from '../commandLine/shell.ts';
import { isShape, type RunOptions } from '../commandLine/runOptions.ts';

/** The function of a TensorFlow.js or Keras file, or of a network as data, that the options name. */
export async function loadTfjs(
  source: string | Network,
  options: RunOptions,
  { stderr }: Shell,
): Promise<DifferentiableNetwork> {
  const { output, inputShape, outputKind, threads, tfjsEngine } = options;
  if (inputShape !== undefined && !isShape(inputShape)) {
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `${typeof source === 'string' ? source : source.name}: expected --input-shape with the shape alone, as TensorFlow.js models are taken with one input, got one for ${Object.keys(inputShape).join(', ')}.`,
    );
  }
  const backend = tfjsBackend({
    ...(threads !== undefined && { threads }),
    ...(tfjsEngine !== undefined && { engine: tfjsEngine }),
  });
  const { name, passedOver } = await backend.engine();
  const [better] = passedOver;
  if (better !== undefined && options.progress) {
    stderr.write(
      `TensorFlow.js runs on ${name}. It would be faster on ${better.name}, which does not load: ${better.problem}\n`,
    );
  }
  return backend.load(source, {
    outputKind,
    ...(output !== undefined && { output }),
    ...(inputShape !== undefined && { inputShape }),
  });
}
