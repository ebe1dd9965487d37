import * as v from 'valibot';
import type { PlainLayerType } from '../layers/layer.ts';
import type { LayerDescription, NetworkDescription } from './networkDescription.ts';

// The message of every rule says what it expects: parseDescription puts the place and what came around it.

/** The largest size, stride or padding that a description may ask for. */
const LARGEST_SIZE = 2 ** 24;

/** How deep residual layers may lie in each other. */
const DEPTH_LIMIT = 16;

const whole = (least: number) => {
  const message = `an integer from ${least} to ${LARGEST_SIZE}`;
  return v.pipe(
    v.number(message),
    v.integer(message),
    v.minValue(least, message),
    v.maxValue(LARGEST_SIZE, message),
  );
};

const size = whole(1);
const text = v.string('a text');
const truth = v.boolean('true or false');
const finite = v.pipe(v.number('a number'), v.finite('a finite number'));
const pairMessage = `an integer from 1 to ${LARGEST_SIZE}, or two of them: [height, width]`;
const pair = v.union([size, v.strictTuple([size, size])], pairMessage);
const side = whole(0);
const paddingMessage = `an integer from 0 to ${LARGEST_SIZE}, four of them: [top, left, bottom, right], or "same"`;
const padding = v.union([side, v.strictTuple([side, side, side, side]), v.literal('same')], paddingMessage);

const window = { kernel: pair, stride: v.exactOptional(pair), padding: v.exactOptional(padding) };

const plain: Readonly<Record<PlainLayerType, null>> = {
  globalAveragePool2d: null,
  globalMaxPool2d: null,
  flatten: null,
  relu: null,
  selu: null,
  sigmoid: null,
  tanh: null,
  softplus: null,
  softmax: null,
  logSoftmax: null,
};

const layer = <T extends string, const Fields extends v.ObjectEntries>(type: T, fields: Fields) =>
  v.strictObject({ type: v.literal(type), ...fields }, 'an object');

const alpha = { alpha: v.exactOptional(finite) };

const withoutBranches = [
  layer('dense', { units: size, bias: v.exactOptional(truth) }),
  layer('conv2d', {
    channels: size,
    ...window,
    dilation: v.exactOptional(pair),
    groups: v.exactOptional(size),
    bias: v.exactOptional(truth),
  }),
  layer('maxPool2d', window),
  layer('averagePool2d', { ...window, countIncludePad: v.exactOptional(truth) }),
  layer('batchNorm', { epsilon: v.exactOptional(finite) }),
  layer('scale', {}),
  v.strictObject({ type: v.picklist(Object.keys(plain) as PlainLayerType[]) }, 'an object'),
  layer('leakyRelu', alpha),
  layer('elu', alpha),
  layer('celu', alpha),
  layer('gelu', { approximate: v.exactOptional(v.picklist(['none', 'tanh'], '"none" or "tanh"')) }),
] as const;

/** The schema of layers at this depth of residual layers; schemas of deeper ones are made on demand. */
function layersAt(depth: number): v.GenericSchema<unknown, LayerDescription[]> {
  const branch = v.lazy((): v.GenericSchema<unknown, LayerDescription[]> => {
    if (depth < DEPTH_LIMIT) return layersAt(depth + 1);
    return v.pipe(
      v.unknown(),
      v.rawTransform(({ addIssue, NEVER }) => {
        addIssue({ message: `residual layers at most ${DEPTH_LIMIT} deep in each other` });
        return NEVER;
      }),
    );
  });
  const residual = layer('residual', { body: branch, shortcut: v.exactOptional(branch) });
  const layers = v.variant('type', [...withoutBranches, residual], 'an object with the type of a layer');
  return v.array(layers, 'a list of layers');
}

/** The schema of a file of a network without weights. */
export const descriptionSchema: v.GenericSchema<unknown, NetworkDescription> = v.strictObject(
  {
    format: v.exactOptional(v.literal('edjm-network', '"edjm-network"')),
    version: v.exactOptional(v.literal(1, '1, the version that this release knows')),
    name: v.exactOptional(text),
    inputShape: v.union(
      [v.strictTuple([size]), v.strictTuple([size, size, size])],
      `[d] or [C, H, W], integers from 1 to ${LARGEST_SIZE}`,
    ),
    layers: layersAt(0),
  },
  'an object with inputShape and layers',
);
