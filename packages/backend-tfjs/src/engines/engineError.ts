import { EdjmError } from '@edjm/core';
import type { Engine } from './engine.ts';
import { reasonOf } from './importing.ts';

/** The error for what TensorFlow.js throws while a model runs. */
export function engineError(model: string, { name }: Engine, cause: unknown): EdjmError {
  if (EdjmError.is(cause)) {
    // What is thrown within the reverse pass does not know the model.
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
