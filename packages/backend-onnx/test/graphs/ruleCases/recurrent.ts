import { tensorOf, type Attribute, type Tensor } from '@edjm/onnx-autodiff';
import { node } from '../../support/smallGraphs.ts';
import { double, single, type RuleCase } from './ruleCase.ts';

const STEPS = 3;
const BATCH = 2;
const FEATURES = 2;
const HIDDEN = 2;

const GATES = { LSTM: 4, GRU: 3, RNN: 1 } as const;

interface Settings {
  readonly attributes?: Readonly<Record<string, Attribute>>;
  readonly directions?: 1 | 2;
  /** Leaves all but X, W and R out. */
  readonly isBare?: true;
  readonly hasPeepholes?: true;
  readonly lengths?: Tensor;
  readonly opset?: number;
  readonly outputs?: readonly string[];
  readonly engineLacks?: string;
}

/** For activation functions that the engine has in float32 alone. */
const bent = { ...single, isBent: true } as const;

const strings = (...values: readonly string[]): Attribute => ({ strings: values });
const floats = (...values: readonly number[]): Attribute => ({ floats: values });
const lengthsOf = (...values: readonly number[]): Tensor => tensorOf('int32', [values.length], values);

/** A recurrent node on variables: its input, weights, biases and initial states. */
function recurrent(opType: keyof typeof GATES, settings: Settings = {}): RuleCase {
  const { attributes = {}, directions = 1, lengths, isBare, hasPeepholes, opset = 22 } = settings;
  const width = GATES[opType] * HIDDEN;
  const isBatchFirst = 'layout' in attributes;
  const state = isBatchFirst ? [BATCH, directions, HIDDEN] : [directions, BATCH, HIDDEN];
  const isLstm = opType === 'LSTM';
  const inputs: [string, readonly number[] | undefined][] = [
    ['x', isBatchFirst ? [BATCH, STEPS, FEATURES] : [STEPS, BATCH, FEATURES]],
    ['w', [directions, width, FEATURES]],
    ['r', [directions, width, HIDDEN]],
    ['b', isBare ? undefined : [directions, 2 * width]],
    ['lengths', undefined],
    ['h', isBare ? undefined : state],
    ['c', isBare || !isLstm ? undefined : state],
    ['p', hasPeepholes && [directions, 3 * HIDDEN]],
  ];
  const names = inputs.map(([name, shape]) =>
    shape || (name === 'lengths' && lengths !== undefined) ? name : '',
  );
  const outputs = settings.outputs ?? ['y', 'y_h', ...(isLstm ? ['y_c'] : [])];
  const direction = directions === 2 ? 'bidirectional' : 'forward';
  return {
    opset,
    variables: Object.fromEntries(inputs.flatMap(([name, shape]) => (shape ? [[name, shape]] : []))),
    ...(lengths && { constants: { lengths } }),
    nodes: [
      node(opType, isLstm ? names : names.slice(0, 6), {
        outputs,
        attributes: {
          hidden_size: { int: HIDDEN },
          direction: { string: direction },
          ...attributes,
        },
      }),
    ],
    outputs: outputs.filter((name) => name !== ''),
    ...(settings.engineLacks && { engineLacks: settings.engineLacks }),
  };
}

const noLayout = 'layout 1 has no kernel';
const layout = { layout: { int: 1 } };
const clip = { clip: { float: 0.4 } };
const reverse = { direction: { string: 'reverse' } };

const computed = recurrent('LSTM', { lengths: lengthsOf(1, 2) });

/** LSTM, GRU, RNN. */
export const recurrentCases: Readonly<Record<string, RuleCase>> = {
  LSTM: recurrent('LSTM'),
  'LSTM of operator set 7, bare': recurrent('LSTM', { isBare: true, opset: 7 }),
  'LSTM reverse, the state of the cell alone': recurrent('LSTM', {
    attributes: reverse,
    outputs: ['', '', 'y_c'],
  }),
  'LSTM with peepholes': recurrent('LSTM', { hasPeepholes: true }),
  'LSTM with peepholes, coupled gates, clipped': recurrent('LSTM', {
    hasPeepholes: true,
    attributes: { ...clip, input_forget: { int: 1 } },
  }),
  'LSTM with coupled gates, clipped': recurrent('LSTM', {
    attributes: { ...clip, input_forget: { int: 1 } },
  }),
  'LSTM of several lengths, in both directions': recurrent('LSTM', {
    directions: 2,
    lengths: lengthsOf(2, 1),
  }),
  'LSTM of lengths that are computed': {
    ...computed,
    nodes: [
      node('Cast', ['size'], { outputs: ['lengths'], attributes: { to: { int: 6 } } }),
      ...computed.nodes,
    ],
    variables: { ...computed.variables, size: double([2], [1.5, 2.5]) },
    constants: {},
  },
  'LSTM of full lengths': recurrent('LSTM', { lengths: lengthsOf(3, 3) }),
  'LSTM with the batch first, in both directions': recurrent('LSTM', {
    attributes: layout,
    directions: 2,
    engineLacks: noLayout,
  }),
  'LSTM of other activation functions': {
    ...bent,
    ...recurrent('LSTM', {
      attributes: {
        activations: strings('HARDSIGMOID', 'softsign', 'Affine'),
        activation_alpha: floats(0.3, 0.9),
        activation_beta: floats(0.4, 0.1),
      },
    }),
  },
  GRU: recurrent('GRU'),
  'GRU of operator set 7, bare': recurrent('GRU', { isBare: true, opset: 7 }),
  'GRU, linear before the reset': recurrent('GRU', { attributes: { linear_before_reset: { int: 1 } } }),
  'GRU, linear before the reset, bare, reverse, clipped': recurrent('GRU', {
    isBare: true,
    attributes: { ...reverse, ...clip, linear_before_reset: { int: 1 } },
  }),
  'GRU reverse, clipped, the last state alone': recurrent('GRU', {
    attributes: { ...reverse, ...clip },
    outputs: ['', 'y_h'],
  }),
  'GRU of several lengths, in both directions': recurrent('GRU', {
    directions: 2,
    lengths: lengthsOf(2, 1),
  }),
  'GRU of other activation functions, in both directions': {
    ...bent,
    ...recurrent('GRU', {
      directions: 2,
      attributes: {
        activations: strings('Sigmoid', 'ScaledTanh', 'Softplus', 'LeakyRelu'),
        activation_alpha: floats(0.7, 0.2),
        activation_beta: floats(1.3),
      },
    }),
  },
  'GRU with the batch first': recurrent('GRU', { attributes: layout, directions: 2, engineLacks: noLayout }),
  RNN: recurrent('RNN'),
  'RNN of operator set 7, bare': recurrent('RNN', { isBare: true, opset: 7 }),
  'RNN in both directions, of other activation functions': {
    ...bent,
    ...recurrent('RNN', {
      directions: 2,
      attributes: { activations: strings('Elu', 'Sigmoid'), activation_alpha: floats(0.5) },
    }),
  },
  'RNN of several lengths, reverse, clipped': recurrent('RNN', {
    lengths: lengthsOf(1, 3),
    attributes: { ...reverse, ...clip },
  }),
};
