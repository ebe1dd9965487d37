import { describe, expect, it } from 'vitest';
import { toKeras2Topology } from '../../src/keras/index.ts';
import { layer, refusal, sequential } from './files.ts';

const keras3 = (...layers: readonly object[]) => ({
  keras_version: '3.15.1',
  model_config: sequential([4, 4], ...layers),
});

/** How a layer of Keras 3 is refused. */
function refused(className: string, config: object = {}): Promise<{ code: string; message: string }> {
  return refusal(() => toKeras2Topology(keras3(layer(className, config)), 'model.json'));
}

const conv = { filters: 2, kernel_size: 2 };

describe('layers that TensorFlow.js computes otherwise', () => {
  it.each([
    ['Activation', { activation: 'glu' }, "the activation 'glu'"],
    ['Activation', { activation: 'sparsemax' }, "the activation 'sparsemax'"],
    ['Activation', { activation: 'threshold' }, "the activation 'threshold'"],
    [
      'Activation',
      { activation: { class_name: 'function', config: 'Mine>twice' } },
      "the activation 'Mine>twice'",
    ],
    ['Dense', { units: 2, activation: { class_name: 'LeakyReLU', config: {} } }, '"class_name":"LeakyReLU"'],
    ['Dense', { units: 2, lora_rank: 4 }, 'lora_rank = 4'],
    [
      'Dense',
      { units: 2, dtype: { class_name: 'DTypePolicy', config: { name: 'mixed_float16' } } },
      'mixed_float16',
    ],
    ['Dense', { units: 2, dtype: 'bfloat16' }, 'the dtype bfloat16'],
    ['Dense', { units: 2, dtype: { class_name: 'DTypePolicyMap', config: {} } }, 'DTypePolicyMap'],
    ['Conv1D', { ...conv, padding: 'causal', groups: 2 }, 'groups = 2'],
    ['Conv1D', { ...conv, data_format: 'channels_first' }, 'data_format = "channels_first"'],
    ['Conv2D', { ...conv, groups: 2 }, 'groups = 2'],
    ['Conv2DTranspose', { ...conv, output_padding: [1, 1] }, 'output_padding = [1,1]'],
    ['DepthwiseConv2D', { kernel_size: 2, dilation_rate: [2, 2] }, 'dilation_rate = [2,2]'],
    ['SeparableConv2D', { ...conv, data_format: 'channels_first' }, 'data_format = "channels_first"'],
    ['MaxPooling1D', { data_format: 'channels_first' }, 'data_format = "channels_first"'],
    ['GlobalAveragePooling1D', { keepdims: true, data_format: 'channels_first' }, 'data_format'],
    ['UpSampling2D', { interpolation: 'bicubic' }, 'interpolation = "bicubic"'],
    ['RMSNormalization', { axis: 1 }, 'axis = 1'],
    ['Normalization', { axis: -1, mean: 1, variance: 2 }, 'mean = 1'],
    ['BatchNormalization', { axis: [1, 2] }, 'axis = [1,2]'],
    ['BatchNormalization', { renorm: true }, 'renorm = true'],
    ['LayerNormalization', { rms_scaling: true }, 'rms_scaling = true'],
    ['Dot', { axes: 1, normalize: true }, 'normalize = true'],
    ['Embedding', { input_dim: 3, output_dim: 2, mask_zero: true }, 'mask_zero = true'],
    ['GRU', { units: 2, return_state: true }, 'return_state = true'],
    ['GRU', { units: 2, stateful: true }, 'stateful = true'],
    ['LSTM', { units: 2, stateful: true }, 'stateful = true'],
    ['Lambda', { function: { class_name: '__lambda__', config: {} } }, 'code'],
    ['Masking', { mask_value: 0 }, 'the class Masking'],
    ['TimeDistributed', { layer: layer('LSTMCell', { units: 2 }) }, 'the class LSTMCell'],
    ['Bidirectional', { layer: layer('Dense', { units: 2 }) }, 'a layer of class Dense'],
    ['Bidirectional', { layer: layer('LSTM', { units: 2 }), merge_mode: 'other' }, 'merge_mode = "other"'],
    [
      'Bidirectional',
      { layer: layer('LSTM', { units: 2 }), backward_layer: layer('LSTM', { units: 3, go_backwards: true }) },
      'a backward layer that differs',
    ],
  ])('refuses %s %j', async (className, config, got) => {
    const { code, message } = await refused(className, config);
    expect(message).toContain('model.json: expected layers that TensorFlow.js computes as Keras does');
    expect(message).toContain(got);
    expect(message).toContain(`(${className.includes('TimeDistributed') ? 'LSTMCell' : className})`);
    expect(message).toContain('model.export("model.onnx", format="onnx")');
    expect(code).toBe('UNSUPPORTED');
  });

  it.each([
    [{ registered_name: 'Mine>Dense' }, 'the class Mine>Dense'],
    [{ module: 'my_package.layers' }, 'a class of my_package.layers'],
    [{ module: 'keras_hub.src.layers' }, 'a class of keras_hub.src.layers'],
    [{ module: 'keras.src.ops.numpy' }, 'an operation that is no layer'],
  ])('refuses a Dense with %j', async (entry, got) => {
    const topology = keras3({ ...layer('Dense', { units: 2 }), ...entry });
    expect(await refusal(() => toKeras2Topology(topology))).toEqual({
      code: 'UNSUPPORTED',
      message: expect.stringContaining(got) as string,
    });
  });
});

describe('layers that are described wrongly', () => {
  it.each([
    ['Dense', {}, "a whole number above 0 as 'units'"],
    ['Dense', { units: -1 }, 'got -1'],
    ['Dense', { units: '7' }, 'got "7"'],
    ['Dense', { units: 2, use_bias: 'yes' }, "true or false as 'use_bias'"],
    ['Conv2D', { filters: 2, kernel_size: [2, 2, 2] }, "2 whole numbers above 0 as 'kernel_size'"],
    ['Permute', { dims: 3 }, "a list of whole numbers as 'dims'"],
    ['BatchNormalization', { epsilon: 'small' }, "a number as 'epsilon'"],
    ['TimeDistributed', { layer: 5 }, "a layer as 'layer'"],
    ['InputLayer', { batch_shape: 'wide' }, 'a shape'],
  ])('refuses %s %j', async (className, config, message) => {
    expect(await refused(className, config)).toEqual({
      code: 'INVALID_FILE',
      message: expect.stringContaining(message) as string,
    });
  });
});

describe('hard_sigmoid', () => {
  it.each(['2.15.0', 'tfjs-layers 4.22.0'])('is that of Keras 2 in a model of %s', (version) => {
    const topology = {
      keras_version: version,
      model_config: sequential([3], layer('Activation', { activation: 'hard_sigmoid' })),
    };
    expect(JSON.stringify(toKeras2Topology(topology))).toContain('"hard_sigmoid"');
  });

  it('is that of Keras 3 if nothing but the manner of writing tells it', () => {
    const topology = toKeras2Topology(sequential([3], layer('Activation', { activation: 'hard_sigmoid' })));
    expect(JSON.stringify(topology)).toContain('"kerasHardSigmoid"');
  });
});
