import { EdjmError } from '@edjm/core';
import type * as OnnxRuntime from 'onnxruntime-common';

/** The part of ONNX Runtime that the backend uses. */
export type Engine = Pick<typeof OnnxRuntime, 'InferenceSession' | 'Tensor'>;

/** Whether ONNX Runtime loads here, for `edjm doctor`. */
export interface EngineStatus {
  readonly name: 'onnxruntime-node';
  /** Version of the package, where it loads. */
  readonly version?: string;
  /** Execution providers that come with it. */
  readonly providers?: readonly string[];
  /** Why it does not load, and what to do. */
  readonly problem?: string;
}

const PACKAGE = 'onnxruntime-node';

/**
 * Loads ONNX Runtime for Node.
 *
 * @throws EdjmError `ENGINE_UNAVAILABLE` with the reason and the command that mends it.
 */
export async function loadEngine(): Promise<typeof OnnxRuntime> {
  try {
    return await import('onnxruntime-node');
  } catch (cause) {
    const missing = cause instanceof Error && 'code' in cause && cause.code === 'ERR_MODULE_NOT_FOUND';
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new EdjmError(
      'ENGINE_UNAVAILABLE',
      missing
        ? `expected the package ${PACKAGE}, got none. Install it: npm install ${PACKAGE}`
        : `expected the package ${PACKAGE} to load on ${process.platform} ${process.arch}, got: ${reason}. Install it again: npm install ${PACKAGE}`,
      { cause },
    );
  }
}

/** Says whether ONNX Runtime loads here, and if not, why. */
export async function probeEngine(): Promise<EngineStatus> {
  try {
    const engine = await loadEngine();
    const { listSupportedBackends } = engine as {
      listSupportedBackends?: () => readonly { readonly name: string; readonly bundled: boolean }[];
    };
    const providers = listSupportedBackends?.().filter(({ bundled }) => bundled);
    return {
      name: PACKAGE,
      ...(engine.env.versions.node !== undefined && { version: engine.env.versions.node }),
      ...(providers && { providers: providers.map(({ name }) => name) }),
    };
  } catch (error) {
    if (EdjmError.is(error)) return { name: PACKAGE, problem: error.message };
    throw error;
  }
}
