import type { File } from 'h5wasm';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { readKerasFile } from '../../../src/keras/index.ts';
import {
  computed,
  counting,
  dense,
  hdf5,
  layer,
  named,
  put,
  refusal,
  sequential,
  weightsOf,
} from '../files.ts';

beforeAll(() => tf.setBackend('cpu'));

/** Arrays of an .h5 file by layer: names and shapes. */
type Groups = Readonly<Record<string, readonly (readonly [name: string, shape: number[]])[]>>;

/** An .h5 file as Keras 2 writes it; arrays hold 1, 2, 3, … */
function legacy(
  config: unknown,
  groups: Groups,
  attributes: Readonly<Record<string, string>> = {},
): Promise<Uint8Array> {
  return hdf5((file) => {
    file.create_attribute('model_config', typeof config === 'string' ? config : JSON.stringify(config));
    for (const [name, value] of Object.entries({ keras_version: '2.15.0', ...attributes }))
      file.create_attribute(name, value);
    const weights = file.create_group('model_weights');
    weights.create_attribute('layer_names', Object.keys(groups));
    for (const [name, arrays] of Object.entries(groups)) {
      for (const [array, shape] of arrays) put(file, `model_weights/${name}/${array}`, { shape });
      if (arrays.length === 0) weights.create_group(name);
      const group = weights.get(name) as File;
      if (arrays.length > 0)
        group.create_attribute(
          'weight_names',
          arrays.map(([array]) => array),
        );
    }
  });
}

const mlp = sequential([3], dense);

describe('an .h5 file of Keras 2', () => {
  it('computes what its arrays say', async () => {
    const file = await legacy(mlp, {
      in: [],
      dense: [
        ['dense/kernel:0', [3, 2]],
        ['dense/bias:0', [2]],
      ],
    });
    expect(await computed(file, [[1, 1, 1]], { shape: [3] })).toEqual([[10, 14]]);
  });

  it('may call its arrays anything, in order', async () => {
    const file = await legacy(mlp, {
      dense: [
        ['dense_7_W', [3, 2]],
        ['param_1', [2]],
      ],
    });
    expect(await weightsOf(file)).toEqual({ 'dense/kernel': [1, 2, 3, 4, 5, 6], 'dense/bias': [1, 2] });
  });

  it('may list frozen layers of a model in it last', async () => {
    const inner = named('Sequential', 'inner', {
      layers: [
        named('Dense', 'a', { units: 3, trainable: false, batch_input_shape: [null, 3] }),
        named('Dense', 'b', { units: 3 }),
      ],
    });
    const ordered = [
      ['W0', [3, 3]],
      ['W1', [3]],
      ['W2', [3, 3]],
      ['W3', [3]],
    ] as const;
    const file = await hdf5((h5) => {
      h5.create_attribute('model_config', JSON.stringify(sequential([3], inner)));
      ordered.forEach(([name, shape], index) => {
        put(h5, `model_weights/inner/${name}`, {
          shape: [...shape],
          data: counting(shape).map((value) => value + 10 * index),
        });
      });
      (h5.get('model_weights/inner') as File).create_attribute(
        'weight_names',
        ordered.map(([name]) => name),
      );
    });
    const weights = await weightsOf(file);
    expect(weights['b/kernel']?.[0]).toBe(1);
    expect(weights['b/bias']?.[0]).toBe(11);
    expect(weights['a/kernel']?.[0]).toBe(21);
    expect(weights['a/bias']?.[0]).toBe(31);
  });

  it('may spread its lists of names', async () => {
    const file = await hdf5((h5) => {
      h5.create_attribute('model_config', JSON.stringify(mlp));
      put(h5, 'model_weights/dense/k', { shape: [3, 2] });
      put(h5, 'model_weights/dense/b', { shape: [2] });
      const weights = h5.get('model_weights') as File;
      weights.create_attribute('layer_names0', ['in']);
      weights.create_attribute('layer_names1', ['dense']);
      const group = h5.get('model_weights/dense') as File;
      group.create_attribute('weight_names0', ['k']);
      group.create_attribute('weight_names1', ['b']);
    });
    expect(Object.keys(await weightsOf(file))).toEqual(['dense/kernel', 'dense/bias']);
  });

  it('names the cells of recurrent layers, and both directions', async () => {
    const cell = (path: string): readonly (readonly [string, number[]])[] => [
      [`${path}/kernel:0`, [3, 8]],
      [`${path}/recurrent_kernel:0`, [2, 8]],
      [`${path}/bias:0`, [8]],
    ];
    const both = layer('Bidirectional', {
      layer: named('LSTM', 'lstm', { units: 2, recurrent_activation: 'hard_sigmoid' }),
    });
    const file = await legacy(sequential([4, 3], both), {
      bidirectional: [
        ...cell('bidirectional/forward_lstm/lstm_cell_1'),
        ...cell('bidirectional/backward_lstm/lstm_cell_2'),
      ],
    });
    expect(Object.keys(await weightsOf(file))).toEqual(
      ['forward', 'backward'].flatMap((way) =>
        ['kernel', 'recurrent_kernel', 'bias'].map((name) => `bidirectional/${way}_lstm/${name}`),
      ),
    );
    expect((await computed(file, [counting([12])], { shape: [4, 3] }))[0]).toHaveLength(4);
  });

  it.each<readonly [string, Groups, string]>([
    [
      'too few arrays',
      { dense: [['dense/kernel:0', [3, 2]]] },
      "expected 2 arrays of weights for 'dense' (Dense), got 1",
    ],
    [
      'too many arrays',
      {
        dense: [
          ['a', [3, 2]],
          ['b', [2]],
          ['c', [2]],
        ],
      },
      'got 3',
    ],
    ['no arrays', {}, 'got 0'],
    [
      'a kernel of another size',
      {
        dense: [
          ['kernel:0', [3, 4]],
          ['bias:0', [2]],
        ],
      },
      "expected shape [3, 2] for dense/kernel of layer 'dense' (Dense), got [3, 4]",
    ],
    [
      'a kernel of another rank',
      {
        dense: [
          ['kernel:0', [6]],
          ['bias:0', [2]],
        ],
      },
      'got [6]',
    ],
    [
      'arrays of another kind',
      {
        dense: [
          ['dense/gamma:0', [3, 2]],
          ['dense/beta:0', [2]],
        ],
      },
      "expected kernel of layer 'dense', got weights named 'dense/gamma:0'",
    ],
    [
      'weights of other layers',
      {
        dense: [
          ['kernel', [3, 2]],
          ['bias', [2]],
        ],
        other: [['kernel', [1]]],
      },
      "got some of 'other'",
    ],
  ])('is refused with %s', async (_, groups, message) => {
    const file = await legacy(mlp, groups);
    expect(await refusal(() => readKerasFile(file, 'model.h5'))).toEqual({
      code: 'INVALID_FILE',
      message: expect.stringContaining(message) as string,
    });
  });

  it.each([
    ['of Keras 1', { keras_version: '1.2.2' }, 'Load it with Keras 2 and save it again'],
    ['of Theano', { backend: 'theano' }, 'turned round'],
  ])('%s is refused', async (_, attributes, message) => {
    const file = await legacy(mlp, {}, attributes);
    expect(await refusal(() => readKerasFile(file, 'model.h5'))).toEqual({
      code: 'UNSUPPORTED',
      message: expect.stringContaining(message) as string,
    });
  });

  it.each(['no JSON', '[1]', '5'])('is refused if its config is %s', async (config) => {
    const file = await legacy(config, {});
    expect(await refusal(() => readKerasFile(file, 'model.h5'))).toEqual({
      code: 'INVALID_FILE',
      message: expect.stringContaining('expected a JSON object as model_config') as string,
    });
  });
});
