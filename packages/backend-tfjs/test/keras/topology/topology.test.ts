import { dataFolder, readData } from '@edjm/testing';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { toKeras2Artifacts, toKeras2Topology } from '../../../src/keras/index.ts';
import { called, dense, functional, layer, named, outputsOf, refusal, sequential, tensor } from '../files.ts';

beforeAll(() => tf.setBackend('cpu'));

/** The model that TensorFlow.js makes of a topology. */
async function built(topology: unknown): Promise<tf.LayersModel> {
  return tf.models.modelFromJSON({ modelTopology: toKeras2Topology(topology) } as never);
}

describe('what Keras 3 writes', () => {
  it('becomes what Keras 2 wrote', () => {
    const topology = sequential(
      [3],
      layer('Dense', {
        units: 2,
        activation: {
          module: 'builtins',
          class_name: 'function',
          config: 'relu',
          registered_name: 'function',
        },
        dtype: {
          module: 'keras',
          class_name: 'DTypePolicy',
          config: { name: 'float32' },
          registered_name: null,
        },
        kernel_initializer: { module: 'keras.initializers', class_name: 'GlorotUniform', config: {} },
        kernel_constraint: { module: 'keras.constraints', class_name: 'MaxNorm', config: { max_value: 1 } },
        quantization_config: null,
      }),
    );
    expect(toKeras2Topology(topology)).toEqual({
      keras_version: expect.stringContaining('tfjs') as string,
      class_name: 'Sequential',
      config: {
        name: 'model',
        layers: [
          {
            class_name: 'InputLayer',
            config: { batch_input_shape: [null, 3], dtype: 'float32', name: 'in' },
          },
          { class_name: 'Dense', config: { units: 2, use_bias: true, activation: 'relu', name: 'dense' } },
        ],
      },
    });
  });

  it.each([
    ['one output', ['dense', 0, 0]],
    ['a list of outputs', [['dense', 0, 0]]],
    ['outputs by name', { y: ['dense', 0, 0] }],
  ])('is built with %s', async (_, output) => {
    const model = await built(functional([called(dense, tensor('in'))], output));
    expect(model.outputs.map(({ shape }) => shape)).toEqual([[null, 2]]);
  });

  it('is built with lists of tensors', async () => {
    const merged = called(layer('Concatenate', { axis: -1 }), [tensor('in'), tensor('dense')]);
    const model = await built(functional([called(dense, tensor('in')), merged], ['concatenate', 0, 0]));
    expect(model.outputs.map(({ shape }) => shape)).toEqual([[null, 5]]);
  });

  it('takes any number of samples, whatever it was built with', async () => {
    const fixed = layer('InputLayer', { name: 'in', batch_shape: [32, 3], dtype: 'float32' });
    const model = await built({ class_name: 'Sequential', config: { name: 'm', layers: [fixed, dense] } });
    expect(model.inputs[0]!.shape).toEqual([null, 3]);
  });

  it('tells where a free size comes from', async () => {
    const reshape = {
      ...layer('Reshape', { target_shape: [-1, 2] }),
      build_config: { input_shape: [null, 4, 3] },
    };
    const model = await built(sequential([4, 3], reshape, layer('Flatten'), dense));
    expect(model.layers[1]!.outputShape).toEqual([null, 6, 2]);
    const followed = { ...layer('LayerNormalization'), build_config: { input_shape: [null, 6, 2] } };
    const other = await built(sequential([4, 3], layer('Reshape', { target_shape: [-1, 2] }), followed));
    expect(other.layers[1]!.outputShape).toEqual([null, 6, 2]);
  });

  it('may flatten what is flat', async () => {
    expect((await built(sequential([3], layer('Flatten'), dense))).outputs[0]!.shape).toEqual([null, 2]);
  });

  it('may name layers as TensorFlow.js does not allow', async () => {
    const odd = { class_name: 'Dense', config: { name: '_my layer (1)', units: 2 } };
    const model = await built(sequential([3], odd));
    expect(model.layers.map(({ name }) => name)).toEqual(['in', 'layer_my_layer__1_']);
  });
});

describe('channels first', () => {
  const size = [3, 6, 5] as const;
  const values = Array.from({ length: 90 }, (_, index) => Math.sin(index));
  const inside = [
    layer('Conv2D', { filters: 4, kernel_size: 2, strides: 1, padding: 'same', activation: 'tanh' }),
    layer('MaxPooling2D', { pool_size: 2, padding: 'same' }),
    layer('ZeroPadding2D', {
      padding: [
        [1, 0],
        [0, 2],
      ],
    }),
    layer('UpSampling2D', { size: [1, 2] }),
    layer('AveragePooling2D', { pool_size: [2, 1] }),
  ];

  it.each(['Flatten', 'GlobalAveragePooling2D', 'GlobalMaxPooling2D'])(
    '%s gives what it does channels last',
    async (last) => {
      const model = async (format: string, shape: readonly number[]) => {
        const layers = [...inside, layer(last)].map((described) => {
          const { class_name, config } = described as { class_name: string; config: object };
          return { class_name, config: { ...config, data_format: format } };
        });
        return built(sequential(shape, ...layers));
      };
      const [channels, rows, columns] = size;
      const first = await model('channels_first', size);
      const lastModel = await model('channels_last', [rows, columns, channels]);
      lastModel.setWeights(first.getWeights());
      const x = tf.tensor(values, [1, ...size]);
      const y = first.predict(x) as tf.Tensor;
      const z = lastModel.predict(tf.transpose(x, [0, 2, 3, 1])) as tf.Tensor;
      expect(y.shape).toEqual(z.shape);
      y.dataSync().forEach((value, index) => {
        expect(value).toBeCloseTo(z.dataSync()[index]!, 5);
      });
    },
  );
});

describe('what Keras 2 and TensorFlow.js write', () => {
  it('comes as model_config, as its JSON, or alone, and Sequential as a bare list', async () => {
    const first = layer('Dense', { units: 2, batch_input_shape: [null, 3], dtype: 'float32' });
    const model = { class_name: 'Sequential', config: [first] };
    for (const topology of [model, { model_config: model }, { model_config: JSON.stringify(model) }]) {
      expect((await built(topology)).outputs[0]!.shape).toEqual([null, 2]);
    }
  });

  it('is built from the shape that is noted beside it', async () => {
    const topology = {
      class_name: 'Sequential',
      config: { name: 'm', layers: [dense], build_input_shape: [null, 3] },
    };
    expect((await built(topology)).inputs[0]!.shape).toEqual([null, 3]);
    const { code, message } = await refusal(() =>
      toKeras2Topology({ class_name: 'Sequential', config: { name: 'm', layers: [dense] } }),
    );
    expect({ code, message }).toEqual({
      code: 'INVALID_FILE',
      message: expect.stringContaining('before it was built') as string,
    });
  });

  it('keeps what TensorFlow.js saved, whatever it means to Keras', async () => {
    const model = tf.sequential({
      layers: [
        tf.layers.upSampling2d({ inputShape: [2, 2, 1], interpolation: 'bilinear' }),
        tf.layers.flatten(),
        tf.layers.dense({ units: 2, activation: 'hardSigmoid', kernelConstraint: 'maxNorm' }),
      ],
    });
    const saved = JSON.parse(model.toJSON() as string) as { config: object };
    expect(toKeras2Topology(saved)).toMatchObject({ class_name: 'Sequential', config: saved.config });
  });

  it('keeps the names of layers, whatever they are in other models', async () => {
    const inner = (version: string) => ({
      keras_version: version,
      model_config: sequential(
        [3],
        named('Flatten', 'x'),
        named('Sequential', 'y', {
          layers: [named('Dense', 'x', { units: 2, batch_input_shape: [null, 3] })],
        }),
      ),
    });
    const names = async (version: string) =>
      (await built(inner(version))).weights.map(({ originalName }) => originalName);
    expect(await names('2.15.0')).toEqual(['x/kernel', 'x/bias']);
    expect(await names('3.15.1')).toEqual(['x_1/kernel', 'x_1/bias']);
  });

  it('keeps layers of classes that it does not know, for those who registered them', async () => {
    class Twice extends tf.layers.Layer {
      static readonly className = 'TwiceOfTest';
      override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
        return tf.mul([inputs].flat()[0]!, 2);
      }
    }
    tf.serialization.registerClass(Twice);
    const topology = functional([called(layer('TwiceOfTest'), tensor('in'))], ['twiceoftest', 0, 0]);
    const outputs = await outputsOf({ modelTopology: toKeras2Topology(topology) }, [[1, 2, 3]], [3]);
    expect(outputs).toEqual([[2, 4, 6]]);
  });

  it.skipIf(dataFolder === undefined)(
    'still gives the same shapes (skipped where EDJM_DATA_DIR does not name the data)',
    async () => {
      for (const path of [
        'lenet-from-keras-multi-output/model.json',
        'lenet-sequential-relu/mnist.json',
        'abalone-mlp/model.json',
      ]) {
        const { modelTopology } = readData('models', 'tfjs', path) as { modelTopology: object };
        const before = await tf.models.modelFromJSON({
          modelTopology: structuredClone(modelTopology),
        } as never);
        const after = await built(modelTopology);
        expect(after.weights.map(({ originalName, shape }) => [originalName, shape])).toEqual(
          before.weights.map(({ originalName, shape }) => [originalName, shape]),
        );
        expect(after.outputs.map(({ shape }) => shape)).toEqual(before.outputs.map(({ shape }) => shape));
      }
      expect(
        await refusal(() =>
          toKeras2Topology(
            (readData('models', 'tfjs', 'graph-model-unsupported/model.json') as { modelTopology: object })
              .modelTopology,
          ),
        ),
      ).toMatchObject({ code: 'UNSUPPORTED' });
    },
  );
});

describe('weights of a model.json', () => {
  const topology = {
    keras_version: '3.15.1',
    model_config: sequential([3], dense, layer('BatchNormalization')),
  };
  const names = [
    'model/dense/kernel',
    'model/dense/bias',
    ...['gamma', 'beta', 'moving_mean', 'moving_variance'].map((name) => `model/batchnormalization/${name}`),
  ];
  const shapes = [[3, 2], [2], [2], [2], [2], [2]];
  const artifacts = (weightNames: readonly string[]): tf.io.ModelArtifacts => ({
    modelTopology: topology,
    weightSpecs: weightNames.map((name, index) => ({ name, shape: shapes[index]!, dtype: 'float32' })),
    weightData: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 1, 1, 0, 0, 0, 0, 0.999, 0.999).buffer,
  });

  it('are found by the names that Keras 3 gives them', async () => {
    const renamed = toKeras2Artifacts(artifacts(names), 'model.json');
    const [values] = await outputsOf(renamed, [[1, 1, 1]], [3]);
    expect(values!.map((value) => Math.round(value * 1000) / 1000)).toEqual([16, 20]);
  });

  it('keep names that TensorFlow.js looks for', () => {
    const known = names.map((name) => name.replace('model/', ''));
    expect(toKeras2Artifacts(artifacts(known), 'model.json').weightSpecs).toEqual(
      artifacts(known).weightSpecs,
    );
  });

  it('are refused if there are fewer', async () => {
    expect(await refusal(() => toKeras2Artifacts(artifacts(names.slice(0, 4)), 'model.json'))).toEqual({
      code: 'INVALID_FILE',
      message: expect.stringContaining('expected 6 arrays of weights') as string,
    });
  });
});
