import { double, of, one, single, type RuleCase } from './ruleCase.ts';

/** Activations. */
export const activationsCases: Readonly<Record<string, RuleCase>> = {
  'Relu at 0': one(of('Relu'), [double([3], [-1, 0, 2])]),
  ThresholdedRelu: one(of('ThresholdedRelu', { alpha: { float: 0.25 } }), [[8]], single),
  LeakyRelu: one(of('LeakyRelu', { alpha: { float: 0.3 } }), [[8]]),
  'PRelu of a slope a channel': one(of('PRelu'), [
    [2, 3, 4],
    [3, 1],
  ]),
  Elu: one(of('Elu', { alpha: { float: 0.7 } }), [[8]]),
  Selu: one(of('Selu', { alpha: { float: 0.7 }, gamma: { float: 1.3 } }), [[8]]),
  Celu: one(of('Celu', { alpha: { float: 1.6 } }), [[8]], { ...single, isBent: true }),
  Sigmoid: one(of('Sigmoid'), [[8]]),
  HardSigmoid: one(of('HardSigmoid', { alpha: { float: 0.8 }, beta: { float: 0.4 } }), [[8]]),
  HardSwish: one(of('HardSwish'), [double([6], [-4, -2.9, -1, 1, 2.9, 4])]),
  Swish: one(of('Swish', { alpha: { float: 0.7 } }), [[8]], { opset: 24 }),
  Mish: one(of('Mish'), [[8]]),
  Tanh: one(of('Tanh'), [[8]]),
  Softplus: one(of('Softplus'), [[8]]),
  Softsign: one(of('Softsign'), [[8]]),
  Gelu: one(of('Gelu'), [[8]], { ...single, isBent: true, opset: 20 }),
  'Gelu by tanh': one(of('Gelu', { approximate: { string: 'tanh' } }), [[8]], { opset: 20 }),
  'Softmax along the middle': one(of('Softmax', { axis: { int: 1 } }), [[2, 3, 4]]),
  'Softmax of operator set 12': one(of('Softmax', { axis: { int: 1 } }), [[2, 3, 4]], { opset: 12 }),
  'Hardmax of a vector': one(of('Hardmax'), [[4]], single),
  'LogSoftmax along the middle': one(of('LogSoftmax', { axis: { int: -2 } }), [[2, 3, 4]]),
};
