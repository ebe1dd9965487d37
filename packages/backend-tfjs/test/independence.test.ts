import * as tf from '@tensorflow/tfjs';
import { expect, it } from 'vitest';
import { tfjsBackend } from '../src/index.ts';
import { describeEngines } from './describeEngines.ts';

const weight = tf.tensor2d(
  Array.from({ length: 25 }, (_, i) => Math.sin(i + 1)),
  [5, 5],
);
const dense = (x: tf.Tensor) => tf.matMul(x, weight);

/** Attention among the rows of a matrix. */
function attention(x: tf.Tensor): tf.Tensor {
  const y = dense(x);
  return tf.matMul(tf.softmax(tf.matMul(y, y as tf.Tensor2D, false, true)), y);
}

/** Functions whose samples mix. */
const mixing: Readonly<Record<string, (x: tf.Tensor) => tf.Tensor>> = {
  'a batch mean': (x) => tf.sub(dense(x), tf.mean(x, 0)),
  'a batch mean that counts little': (x) => tf.add(dense(x), tf.mul(tf.mean(x, 0), 1e-3)),
  'batch statistics': (x) => {
    const { mean, variance } = tf.moments(x, 0);
    return tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, 1e-3)));
  },
  'batch statistics of hidden values': (x) => {
    const y = tf.tanh(dense(x));
    return dense(tf.div(y, tf.sqrt(tf.add(tf.moments(y, 0).variance, 1))));
  },
  'attention from sample to sample': attention,
  'attention over a sequence that stands first': (x) => tf.add(x, tf.relu(attention(x))),
  'sums from sample to sample': (x) => tf.cumsum(x, 0),
  'samples in reverse': (x) => tf.reverse(x, 0),
  'a batch mean where outputs are infinite for small inputs': (x) =>
    tf.exp(tf.add(tf.sub(200, x), tf.mul(tf.mean(x, 0), 0.01))),
  'the largest of the batch': (x) => tf.sub(x, tf.max(x)),
  'a norm of the batch': (x) => tf.div(x, tf.sqrt(tf.sum(tf.square(x)))),
};

/** Functions whose samples do not, though they reduce, reshape or use the number of samples. */
const separate: Readonly<Record<string, (x: tf.Tensor) => tf.Tensor>> = {
  'a mean over the values of a sample': (x) => tf.sub(x, tf.mean(x, 1, true)),
  'large outputs': (x) => tf.mul(tf.exp(dense(x)), 1e4),
  'attention within a sample': (x) => {
    const y = tf.reshape<tf.Rank.R3>(tf.tile(x, [1, 2]), [-1, 2, 5]);
    return tf.matMul(tf.softmax(tf.matMul(y, y, false, true)), y);
  },
  'constants of the size of the batch': (x) => tf.add(x, tf.ones([x.shape[0], 1])),
};

describeEngines('samples of a batch', (engine) => {
  const backend = tfjsBackend({ engine });

  it.each(Object.entries(mixing))('that mix are refused: %s', async (_, f) => {
    await expect(backend.load(f, { inputShape: [5] })).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringMatching(/do not depend on the other samples of its batch/) as string,
    });
  });

  it.each(Object.entries(separate))('that stay apart are not: %s', async (_, f) => {
    await using network = await backend.load(f, { inputShape: [5] });
    expect(network.dIn).toBe(5);
  });

  it.each([
    ['a mean over a batch of any size', -1, 'Mean'],
    ['a mean over a fixed batch', 4, 'Mean'],
    ['a batch in reverse', 4, 'ReverseV2'],
  ])('of a graph model that mix are refused: %s', async (_, size, op) => {
    const model = await graphModelOf(size, op);
    await expect(backend.load(model)).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringMatching(/do not depend on the other samples of its batch/) as string,
    });
    model.dispose();
  });

  it('of a fixed batch that stay apart are not refused', async () => {
    const model = tf.sequential({
      layers: [tf.layers.dense({ units: 3, batchInputShape: [4, 5] }), tf.layers.softmax()],
    });
    await using network = await backend.load(model);
    expect(network.preferredBatchSize).toBe(4);
  });
});

/** x − op(x over the batch), as converters write it. */
function graphModelOf(size: number, op: string): Promise<tf.GraphModel> {
  const type = { T: { type: 'DT_FLOAT' } };
  const dims = [size, 5].map((value) => ({ size: String(value) }));
  const axis = {
    name: 'axis',
    op: 'Const',
    attr: {
      dtype: { type: 'DT_INT32' },
      value: { tensor: { dtype: 'DT_INT32', tensorShape: { dim: [{ size: '1' }] } } },
    },
  };
  return tf.loadGraphModel(
    tf.io.fromMemory({
      format: 'graph-model',
      modelTopology: {
        node: [
          {
            name: 'input',
            op: 'Placeholder',
            attr: { dtype: { type: 'DT_FLOAT' }, shape: { shape: { dim: dims } } },
          },
          axis,
          { name: 'mixed', op, input: ['input', 'axis'], attr: { ...type, Tidx: { type: 'DT_INT32' } } },
          { name: 'output', op: 'Sub', input: ['input', 'mixed'], attr: type },
        ],
        library: {},
        versions: { producer: 175 },
      },
      weightSpecs: [{ name: 'axis', shape: [1], dtype: 'int32' }],
      weightData: Int32Array.of(0).buffer,
    }),
  );
}
