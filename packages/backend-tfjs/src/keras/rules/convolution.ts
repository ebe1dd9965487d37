import { own } from '../layers/ownLayer.ts';
import type { JsonObject } from '../json.ts';
import type { LayerFields } from '../topology/layerFields.ts';
import type { LayerArray } from '../weights/layerWeights.ts';
import type { LayerRules, TfjsLayer } from './rule.ts';

type Format = 'channels_last' | 'channels_first';

const channelsLast: readonly Format[] = ['channels_last'];
const eitherFormat: readonly Format[] = ['channels_last', 'channels_first'];

/** Convolutions. */
export const convolutionRules: LayerRules = {
  // TensorFlow.js always leaves the output of a convolution along one axis channels last.
  Conv1D: (fields) =>
    fields.raw('padding') === 'causal'
      ? causal(fields)
      : convolution(fields, { rank: 1, formats: channelsLast }),
  Conv2D: (fields) => convolution(fields, { rank: 2, formats: eitherFormat }),
  Conv3D: (fields) => convolution(fields, { rank: 3, formats: channelsLast }),
  Conv2DTranspose: (fields) => transposed(fields, 2),
  Conv3DTranspose: (fields) => transposed(fields, 3),

  /** Each channel by itself. TensorFlow.js passes over the dilation. */
  DepthwiseConv2D: (fields) => {
    const shared = sharedConfig(fields, { rank: 2, formats: channelsLast });
    fields.only('dilation_rate', 1);
    const multiplier = fields.count('depth_multiplier', 1);
    const channels = channelCount(fields, shared.format);
    const outputs = channels === null ? null : channels * multiplier;
    return {
      config: { ...shared.config, depth_multiplier: multiplier },
      arrays: [
        { name: 'depthwise_kernel', alias: 'kernel', shape: [...shared.kernel, channels, multiplier] },
        ...bias(shared, outputs),
      ],
    };
  },

  /** A depthwise convolution, and one of 1 × 1 after it. */
  SeparableConv2D: (fields) => {
    const shared = sharedConfig(fields, { rank: 2, formats: channelsLast });
    const filters = fields.count('filters');
    const multiplier = fields.count('depth_multiplier', 1);
    const channels = channelCount(fields, shared.format);
    const inner = channels === null ? null : channels * multiplier;
    const dilation_rate = fields.sizes('dilation_rate', 2, 1);
    return {
      config: { ...shared.config, filters, depth_multiplier: multiplier, dilation_rate },
      arrays: [
        { name: 'depthwise_kernel', shape: [...shared.kernel, channels, multiplier] },
        { name: 'pointwise_kernel', shape: [1, 1, inner, filters] },
        ...bias(shared, filters),
      ],
    };
  },
};

interface Kind {
  readonly rank: number;
  readonly formats: readonly Format[];
}

/** Zeros stand in for values before the first. */
function causal(fields: LayerFields): TfjsLayer {
  const shared = sharedConfig(fields, { rank: 1, formats: channelsLast });
  const filters = fields.count('filters');
  const [stride = 1] = fields.sizes('strides', 1, 1);
  const [dilation = 1] = fields.sizes('dilation_rate', 1, 1);
  return own('Conv1D', { filters, stride, dilation, activation: fields.activation('activation') }, [
    { name: 'kernel', shape: [...shared.kernel, channelCount(fields, shared.format), filters] },
    ...bias(shared, filters),
  ]);
}

function convolution(fields: LayerFields, kind: Kind): TfjsLayer {
  const shared = sharedConfig(fields, kind);
  const filters = fields.count('filters');
  return {
    config: { ...shared.config, filters, dilation_rate: fields.sizes('dilation_rate', kind.rank, 1) },
    arrays: [
      { name: 'kernel', shape: [...shared.kernel, channelCount(fields, shared.format), filters] },
      ...bias(shared, filters),
    ],
  };
}

function transposed(fields: LayerFields, rank: number): TfjsLayer {
  const shared = sharedConfig(fields, { rank, formats: channelsLast });
  const filters = fields.count('filters');
  fields.only('dilation_rate', 1);
  return {
    config: { ...shared.config, filters },
    arrays: [
      { name: 'kernel', shape: [...shared.kernel, filters, channelCount(fields, shared.format)] },
      ...bias(shared, filters),
    ],
  };
}

interface SharedConfig {
  readonly config: JsonObject;
  readonly kernel: readonly number[];
  readonly format: Format;
  readonly hasBias: boolean;
}

function sharedConfig(fields: LayerFields, { rank, formats }: Kind): SharedConfig {
  const kernel = fields.sizes('kernel_size', rank);
  const format = fields.choice('data_format', formats, 'channels_last');
  const hasBias = fields.flag('use_bias', true);
  fields.only('groups', 1);
  const config = {
    kernel_size: kernel,
    strides: fields.sizes('strides', rank, 1),
    padding: fields.choice('padding', rank === 1 ? ['valid', 'same', 'causal'] : ['valid', 'same'], 'valid'),
    data_format: format,
    activation: fields.activation('activation'),
    use_bias: hasBias,
  };
  return { config, kernel, format, hasBias };
}

function bias({ hasBias }: SharedConfig, size: number | null): readonly LayerArray[] {
  return hasBias ? [{ name: 'bias', shape: [size] }] : [];
}

function channelCount({ inputShape }: LayerFields, format: Format): number | null {
  return inputShape?.at(format === 'channels_last' ? -1 : 1) ?? null;
}
