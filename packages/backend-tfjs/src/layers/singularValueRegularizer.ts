import { EdjmError } from '@edjm/core';
import type { Tf } from '../engines/tf.ts';
import type { SingularValueRegularizer } from './svdDense.ts';

/**
 * The regularizer that an option means: an object, or, in a saved model, its class and configuration.
 *
 * @throws EdjmError `INVALID_ARGUMENT` if it is neither, or of a class that is not registered.
 */
export function singularValueRegularizer(tf: Tf, option: unknown): SingularValueRegularizer | undefined {
  if (option === undefined || option === null) return undefined;
  if (isRegularizer(option)) return option;
  if (typeof option === 'object' && 'className' in option && 'config' in option) {
    const { className, config } = option as { className: string; config: TensorConfig };
    const [constructor, fromConfig] =
      tf.serialization.SerializationMap.getMap().classNameMap[className] ?? [];
    const regularizer = constructor && fromConfig?.(constructor, config);
    if (isRegularizer(regularizer)) return regularizer;
  }
  throw new EdjmError(
    'INVALID_ARGUMENT',
    `singularValueRegularizer: expected one of tf.regularizers or of a class registered in tf.serialization, got ${JSON.stringify(option)}. ` +
      'Give tf.regularizers.l1({ l1: 1e-4 }), for one.',
  );
}

type TensorConfig = ReturnType<SingularValueRegularizer['getConfig']>;

function isRegularizer(value: unknown): value is SingularValueRegularizer {
  return typeof value === 'object' && value !== null && 'apply' in value && 'getConfig' in value;
}
