import { EdjmError } from '@edjm/core';

/** The layer that a message is about. */
export interface LayerIdentity {
  /** The file that the layer comes from, as messages name it. */
  readonly file: string;
  /** The layer's name. */
  readonly name: string;
  /** Its class, as the file calls it. */
  readonly className: string;
}

/** Advice for a model that TensorFlow.js does not compute: let Keras itself export it. */
const EXPORT = 'Export the model to ONNX where it was made: model.export("model.onnx", format="onnx").';

/** The error for a damaged file, or one of another kind. */
export function invalidFile(
  file: string,
  { expected, got, todo = 'Save or download it again.', cause }: Refused,
): EdjmError {
  const options = cause === undefined ? undefined : { cause };
  return new EdjmError('INVALID_FILE', `${file}: expected ${expected}, got ${got}. ${todo}`, options);
}

/** The parts of a message, and what caused it. */
export interface Refused {
  readonly expected: string;
  readonly got: string;
  /** What to do, as a sentence. */
  readonly todo?: string;
  readonly cause?: unknown;
}

/** The error for a sound file with contents that are not covered. */
export function unsupportedFile(file: string, { expected, got, todo = EXPORT, cause }: Refused): EdjmError {
  const options = cause === undefined ? undefined : { cause };
  return new EdjmError('UNSUPPORTED', `${file}: expected ${expected}, got ${got}. ${todo}`, options);
}

/** The error for a layer that TensorFlow.js lacks, or computes otherwise than Keras does. */
export function unsupportedLayer(layer: LayerIdentity, got: string): EdjmError {
  return unsupportedFile(layer.file, {
    expected: 'layers that TensorFlow.js computes as Keras does',
    got: `${got} in layer '${layer.name}' (${layer.className})`,
  });
}

/** The error for a layer whose description is damaged. */
export function invalidLayer(layer: LayerIdentity, refused: Pick<Refused, 'expected' | 'got'>): EdjmError {
  return invalidFile(layer.file, {
    expected: `${refused.expected} in layer '${layer.name}' (${layer.className})`,
    got: refused.got,
  });
}

/**
 * Turns an error of TensorFlow.js's loading into an `EdjmError`: `UNSUPPORTED` if it lacks a class or a
 * feature, `INVALID_FILE` if weights and layers do not fit together. An `EdjmError` is returned as it is.
 *
 * @param error - The caught value.
 * @param name - The file, as messages name it.
 */
export function loadRefusal(error: unknown, name: string): EdjmError {
  if (EdjmError.is(error)) return error;
  const reason = error instanceof Error ? error.message : String(error);
  const unknown = /^Unknown ([\w ]+): ([^\s.]+)/.exec(reason);
  if (unknown !== null) {
    return unsupportedFile(name, {
      expected: 'what TensorFlow.js has registered',
      got: `the ${unknown[1] ?? 'object'} '${unknown[2] ?? ''}'`,
      cause: error,
    });
  }
  const shapes = /^Shape mismatch: (\[.*\]) vs\. (\[.*\])$/.exec(reason);
  if (shapes !== null) {
    const [, expected = '', got = ''] = shapes;
    return invalidFile(name, {
      expected: `weights of shape ${expected}, as its layers need`,
      got: `shape ${got}`,
      cause: error,
    });
  }
  if (/not (yet )?(supported|implemented)|does not support/i.test(reason)) {
    return unsupportedFile(name, {
      expected: 'a model of what TensorFlow.js implements',
      got: firstLine(reason),
      cause: error,
    });
  }
  return invalidFile(name, {
    expected: 'a model whose layers and weights fit together',
    got: firstLine(reason),
    cause: error,
  });
}

function firstLine(reason: string): string {
  const line = (reason.split('\n', 1)[0] ?? '').replace(/[.\s]+$/, '');
  return line.length > 300 ? `${line.slice(0, 297)}...` : line;
}
