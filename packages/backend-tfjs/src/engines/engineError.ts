import { EdjmError } from '@edjm/core';
import { type Engine, inEngine } from './engine.ts';
import { reasonOf } from './importing.ts';

/**
 * Does work for a model in an engine.
 *
 * @throws EdjmError that names the model, for every error.
 */
export function runModel<T>(engine: Engine, model: string, work: () => T): T {
  try {
    return inEngine(engine, work);
  } catch (cause) {
    throw engineError(model, engine, cause);
  }
}

/** The error for an error that TensorFlow.js throws while a model runs. */
export function engineError(model: string, { name }: Engine, cause: unknown): EdjmError {
  if (EdjmError.is(cause)) {
    // The reverse pass does not know the model.
    return cause.message.startsWith(model)
      ? cause
      : new EdjmError(cause.code, `${model}: ${cause.message}`, { cause });
  }
  const reason = reasonOf(cause);
  const [, kernel] = /^Kernel '([^']+)' not registered/.exec(reason) ?? [];
  if (kernel !== undefined) {
    return new EdjmError(
      'UNSUPPORTED',
      `${model}: expected operations that the engine ${name} of TensorFlow.js has, got ${kernel}. Take another engine, such as tensorflow or cpu.`,
      { cause },
    );
  }
  if (/not (yet )?(supported|implemented)|unsupported|unknown op|TF_Status: 12\b/i.test(reason)) {
    return new EdjmError(
      'UNSUPPORTED',
      `${model}: expected a model that the engine ${name} of TensorFlow.js runs and differentiates, got: ${reason}. Take another engine, or export the model to ONNX.`,
      { cause },
    );
  }
  return new EdjmError('ENGINE_FAILED', `${model}: the engine ${name} of TensorFlow.js failed: ${reason}.`, {
    cause,
  });
}
