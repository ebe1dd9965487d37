import { OWN_CLASS } from '../layers/ownLayer.ts';
import type { LayerFields } from '../topology/layerFields.ts';
import type { LayerRules, TfjsLayer } from './rule.ts';

/** Recurrent layers. */
export const recurrentRules: LayerRules = {
  SimpleRNN: (fields) => recurrent(fields, { gates: 1, config: {} }),

  LSTM: (fields) => {
    fields.ignore('unit_forget_bias');
    return recurrent(fields, { gates: 4, config: { recurrent_activation: gate(fields) } });
  },

  /** TensorFlow.js knows the older of the two kinds alone, which resets the state before it is multiplied. */
  GRU: (fields) => {
    if (fields.flag('reset_after', fields.origin === 'keras-3')) return resetAfter(fields);
    return recurrent(fields, {
      gates: 3,
      config: { recurrent_activation: gate(fields), reset_after: false },
    });
  },
};

interface Kind {
  readonly gates: number;
  readonly config: Readonly<Record<string, string | boolean>>;
}

function recurrent(fields: LayerFields, { gates, config }: Kind): TfjsLayer {
  const units = fields.count('units');
  const use_bias = fields.flag('use_bias', true);
  fields.only('stateful', false);
  fields.only('time_major', false);
  // This changes the way of computing, not the result. Masks are refused if they arise.
  fields.ignore('implementation', 'unroll', 'use_cudnn', 'dropout', 'recurrent_dropout', 'seed');
  fields.ignore('input_length', 'zero_output_for_mask');
  const shape = [gates * units];
  return {
    config: {
      units,
      use_bias,
      activation: fields.activation('activation', 'tanh'),
      return_sequences: fields.flag('return_sequences', false),
      return_state: fields.flag('return_state', false),
      go_backwards: fields.flag('go_backwards', false),
      ...config,
    },
    arrays: [
      { name: 'kernel', shape: [fields.inputShape?.at(-1) ?? null, gates * units] },
      { name: 'recurrent_kernel', shape: [units, gates * units] },
      ...(use_bias ? [{ name: 'bias', shape }] : []),
    ],
    holder: 'cell',
  };
}

/** The newer kind, with a bias of its own for the state. */
function resetAfter(fields: LayerFields): TfjsLayer {
  const { config, arrays = [], ...layer } = recurrent(fields, { gates: 3, config: {} });
  if (config['return_state'] === true) throw fields.unsupported('return_state', true);
  const { units, activation = null } = config;
  const own = arrays.map((array) =>
    array.name === 'bias' ? { ...array, shape: [2, ...(array.shape ?? [])] } : array,
  );
  return {
    ...layer,
    className: OWN_CLASS,
    arrays: own,
    config: {
      kind: 'GRU',
      options: { units: units ?? null, activation, gate: gate(fields) },
      arrays: own.map(({ name, shape = [] }) => ({ name, shape })),
      go_backwards: config['go_backwards'] ?? false,
      return_sequences: config['return_sequences'] ?? false,
    },
  };
}

function gate(fields: LayerFields): string {
  return fields.activation('recurrent_activation', fields.origin === 'keras-3' ? 'sigmoid' : 'hard_sigmoid');
}
