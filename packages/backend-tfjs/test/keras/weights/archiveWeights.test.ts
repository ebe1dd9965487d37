import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { readKerasFile } from '../../../src/keras/index.ts';
import {
  archive,
  computed,
  dense,
  hdf5,
  layer,
  named,
  put,
  refusal,
  sequential,
  weightsOf,
  zip,
} from '../files.ts';

beforeAll(() => tf.setBackend('cpu'));

/** Shapes of arrays by their paths. */
type Arrays = Readonly<Record<string, number[]>>;

/** The weights of a .keras file: paths and shapes. */
function stored(arrays: Arrays, dtype?: string): Promise<Uint8Array> {
  return hdf5((file) => {
    for (const [path, shape] of Object.entries(arrays)) {
      put(file, path, { shape, ...(dtype === undefined ? {} : { dtype }) });
    }
  });
}

const mlp = sequential([3], dense);

describe('a .keras file', () => {
  const two = sequential(
    [3],
    named('Dense', 'x', { units: 3 }),
    named('LeakyReLU', 'y'),
    named('Dense', 'z', { units: 2 }),
  );
  const kernels = { x: [3, 3], z: [3, 2] };

  it('counts the layers of a class', async () => {
    const weights = await stored({
      'layers/dense/vars/0': kernels.x,
      'layers/dense/vars/1': [3],
      'layers/dense_1/vars/0': kernels.z,
      'layers/dense_1/vars/1': [2],
    });
    const found = await weightsOf(await archive(two, weights));
    expect(Object.entries(found).map(([name, values]) => [name, values.length])).toEqual([
      ['x/kernel', 9],
      ['x/bias', 3],
      ['z/kernel', 6],
      ['z/bias', 2],
    ]);
  });

  it.each([
    ['before Keras 2.13', '_layer_checkpoint_dependencies/dense', '_layer_checkpoint_dependencies/dense_1'],
    [
      'where they were counted twice',
      '_layer_checkpoint_dependencies/dense',
      '_layer_checkpoint_dependencies/dense_2',
    ],
    ['on Windows', '_layer_checkpoint_dependencies\\dense', '_layer_checkpoint_dependencies\\dense_1'],
    ['on Windows, later', 'layers\\dense', 'layers\\dense_1'],
  ])('has them elsewhere %s', async (_, x, z) => {
    const weights = await stored({
      [`${x}/vars/0`]: kernels.x,
      [`${x}/vars/1`]: [3],
      [`${z}/vars/0`]: kernels.z,
      [`${z}/vars/1`]: [2],
    });
    expect(Object.keys(await weightsOf(await archive(two, weights, '2.12.0')))).toEqual([
      'x/kernel',
      'x/bias',
      'z/kernel',
      'z/bias',
    ]);
  });

  it('is read without metadata.json, too', async () => {
    const weights = await stored({ 'layers/dense/vars/0': [3, 2], 'layers/dense/vars/1': [2] });
    const file = await zip([
      { name: 'config.json', content: JSON.stringify(mlp) },
      { name: 'model.weights.h5', content: weights },
    ]);
    expect(await computed(file, [[1, 0, 0]], { shape: [3] })).toEqual([[2, 4]]);
  });

  it('rounds float64 as a cast does', async () => {
    const weights = await hdf5((file) => {
      put(file, 'layers/dense/vars/0', {
        shape: [3, 2],
        dtype: '<f8',
        data: [0.1, 1 / 3, 1e300, -1e-300, 16777217, 2 ** -149],
      });
      put(file, 'layers/dense/vars/1', { shape: [2], dtype: '<f8' });
    });
    expect((await weightsOf(await archive(mlp, weights)))['dense/kernel']).toEqual(
      [0.1, 1 / 3, 1e300, -1e-300, 16777217, 2 ** -149].map(Math.fround),
    );
  });

  it.each<readonly [string, Arrays, string]>([
    ['no weights', {}, "expected 2 arrays of weights for layer 'dense' (Dense), got 0"],
    ['too few arrays', { 'layers/dense/vars/0': [3, 2] }, 'got 1'],
    [
      'too many arrays',
      { 'layers/dense/vars/0': [3, 2], 'layers/dense/vars/1': [2], 'layers/dense/vars/2': [2] },
      'got 3',
    ],
    [
      'arrays of other names',
      { 'layers/dense/vars/kernel': [3, 2], 'layers/dense/vars/bias': [2] },
      'got no array',
    ],
    [
      'a kernel of another size',
      { 'layers/dense/vars/0': [3, 3], 'layers/dense/vars/1': [2] },
      "expected shape [3, 2] for dense/kernel of layer 'dense' (Dense), got [3, 3]",
    ],
    [
      'a kernel of another rank',
      { 'layers/dense/vars/0': [3, 2, 1], 'layers/dense/vars/1': [2] },
      'got [3, 2, 1]',
    ],
    [
      'weights of other layers',
      { 'layers/dense/vars/0': [3, 2], 'layers/dense/vars/1': [2], 'layers/dense_1/vars/0': [2] },
      "more as 'layers/dense_1'",
    ],
    [
      'weights of layers without any',
      { 'layers/dense/vars/0': [3, 2], 'layers/dense/vars/1': [2], 'layers/input_layer/vars/0': [2] },
      "0 arrays of weights for layer 'in'",
    ],
  ])('is refused with %s', async (_, arrays, message) => {
    const file = await archive(mlp, await stored(arrays));
    expect(await refusal(() => readKerasFile(file, 'model.keras'))).toEqual({
      code: 'INVALID_FILE',
      message: expect.stringContaining(message) as string,
    });
  });

  it('is refused if too many or too few layers had weights before Keras 2.13', async () => {
    const weights = await stored({ '_layer_checkpoint_dependencies/dense/vars/0': [3, 3] });
    const file = await archive(two, weights, '2.12.0');
    expect((await refusal(() => readKerasFile(file, 'model.keras'))).message).toContain(
      'weights for 2 layers of class Dense, got 1',
    );
  });

  it('is refused with whole numbers as weights', async () => {
    const file = await archive(
      mlp,
      await stored({ 'layers/dense/vars/0': [3, 2], 'layers/dense/vars/1': [2] }, '<i4'),
    );
    expect(await refusal(() => readKerasFile(file, 'model.keras'))).toEqual({
      code: 'UNSUPPORTED',
      message: expect.stringContaining('weights in float16, float32 or float64') as string,
    });
  });

  it('checks the sizes that the file tells of the inputs', async () => {
    const known = { ...dense, build_config: { input_shape: [null, 3] } };
    const file = await archive(
      sequential([3], known),
      await stored({ 'layers/dense/vars/0': [5, 2], 'layers/dense/vars/1': [2] }),
    );
    expect((await refusal(() => readKerasFile(file, 'model.keras'))).message).toContain(
      'expected shape [3, 2] for dense/kernel',
    );
  });

  it('is refused if TensorFlow.js lacks a class', async () => {
    const file = await archive(sequential([3], layer('CategoryEncoding')), await stored({}));
    expect(await refusal(() => readKerasFile(file, 'model.keras'))).toEqual({
      code: 'UNSUPPORTED',
      message: expect.stringContaining("the class CategoryEncoding in layer 'categoryencoding'") as string,
    });
  });
});
