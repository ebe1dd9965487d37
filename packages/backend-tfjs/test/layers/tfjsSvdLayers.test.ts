import { singularVectors } from '@edjm/linalg';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { tfjsSvdLayers } from '../../src/layers/index.ts';
import { expectClose, expectOrthonormalColumns, numbers, outputs, samples } from './layerKit.ts';

const { svdDense, fromDense, merge, register, SvdDense } = tfjsSvdLayers(tf);

beforeAll(async () => {
  await tf.setBackend('cpu');
});

describe('fromDense', () => {
  const trainedDense = (args: Partial<Parameters<typeof tf.layers.dense>[0]> = {}) => {
    const dense = tf.layers.dense({ units: 4, activation: 'relu', inputShape: [6], name: 'hidden', ...args });
    return { dense, model: tf.sequential({ layers: [dense] }) };
  };

  it('computes what the layer does, with its name and its bias', async () => {
    const { dense, model } = trainedDense({ biasInitializer: 'randomNormal' });
    const layer = await fromDense(dense);
    expect(layer.name).toBe('hidden');
    const x = samples([8, 6]);
    expectClose(await outputs(tf.sequential({ layers: [layer] }), x), await outputs(model, x));
    await expectOrthonormalColumns(layer.getWeights()[0]);
  });

  it('comes as close as a kernel of a lower rank can', async () => {
    const { dense } = trainedDense({ useBias: false });
    const layer = await fromDense(dense, { rank: 2 });
    tf.sequential({ layers: [layer] });
    const kernel = dense.getWeights()[0]!;
    const { singularValues } = singularVectors({ rows: 6, columns: 4, data: await kernel.data<'float32'>() });
    const [error] = await numbers(tf.norm(tf.sub(layer.mergedWeights()[0]!, kernel)));
    expect(error).toBeCloseTo(Math.hypot(...singularValues.slice(2)), 5);
    expect(layer.getWeights()).toHaveLength(3);
  });

  it('refuses other layers, and a rank that it cannot have', async () => {
    await expect(fromDense(tf.layers.flatten())).rejects.toThrow(
      /expected a Dense layer that is built, got Flatten/,
    );
    await expect(fromDense(tf.layers.dense({ units: 1 }))).rejects.toThrow(/with 0 weights/);
    for (const rank of [5, 0, -1, 1.5]) {
      await expect(fromDense(trainedDense().dense, { rank })).rejects.toThrow(
        /expected a rank from 1 to 4, .* got/,
      );
    }
  });
});

describe('saving and loading', () => {
  const model = () =>
    tf.sequential({
      layers: [
        svdDense({ units: 5, activation: 'tanh', inputShape: [6], rank: 3, seed: 1 }),
        svdDense({ units: 4, useBias: false, singularValueRegularizer: tf.regularizers.l1({ l1: 0.25 }) }),
        svdDense({ units: 2, activation: 'softmax', kernelInitializer: 'leCunNormal' }),
      ],
    });

  async function saved(source: tf.LayersModel): Promise<tf.io.ModelArtifacts> {
    let artifacts: tf.io.ModelArtifacts | undefined;
    await source.save(
      tf.io.withSaveHandler(async (given) => {
        artifacts = given;
        return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
      }),
    );
    return JSON.parse(JSON.stringify(artifacts), (key, value: unknown) =>
      key === 'weightData' ? artifacts!.weightData : value,
    ) as tf.io.ModelArtifacts;
  }

  it('is refused if the class is not registered, and gives the same outputs where it is', async () => {
    const source = model();
    const artifacts = await saved(source);
    const load = () => tf.loadLayersModel(tf.io.fromMemory(artifacts));
    await expect(load()).rejects.toThrow(/SvdDense/);
    register();
    register();
    const loaded = await load();
    expect(loaded.layers.every((layer) => layer instanceof SvdDense)).toBe(true);
    const x = samples([7, 6]);
    expect(await outputs(loaded, x)).toEqual(await outputs(source, x));
    expect(loaded.toJSON(null, false)).toEqual(source.toJSON(null, false));
    expect(loaded.layers[1]!.losses).toHaveLength(1);
    expectClose(
      await numbers(loaded.layers[1]!.losses[0]!()),
      await numbers(source.layers[1]!.losses[0]!()),
      1e-6,
    );
  });

  it('goes through its configuration', () => {
    const config = svdDense({ units: 3, rank: 2, seed: 5, activation: 'relu', name: 'a' }).getConfig();
    const again = SvdDense.fromConfig(SvdDense, structuredClone(config));
    expect(again.getConfig()).toEqual(config);
    expect(config).toMatchObject({
      units: 3,
      rank: 2,
      seed: 5,
      activation: 'relu',
      useBias: true,
      name: 'a',
    });
  });

  it('refuses a regularizer that nobody knows', () => {
    const config = {
      ...svdDense({ units: 3 }).getConfig(),
      singularValueRegularizer: { className: 'NoSuch', config: {} },
    };
    expect(() => SvdDense.fromConfig(SvdDense, config)).toThrow(
      /singularValueRegularizer: expected .*NoSuch/,
    );
  });
});

describe('merge', () => {
  it('puts Dense layers in the place of SVD layers, also in models within models', async () => {
    const inner = tf.sequential({
      layers: [svdDense({ units: 4, activation: 'elu', rank: 2, inputShape: [5] })],
    });
    const input = tf.input({ shape: [3, 2] });
    const flat = tf.layers.flatten().apply(input);
    const first = svdDense({ units: 5, seed: 1 }).apply(flat);
    const middle = inner.apply(tf.layers.batchNormalization().apply(first));
    const last = tf.layers.dense({ units: 2 }).apply(middle) as tf.SymbolicTensor;
    const model = tf.model({ inputs: input, outputs: last });
    const before = tf.memory().numTensors;
    const merged = await merge(model);
    expect(JSON.stringify(merged.toJSON(null, false))).not.toContain('"class_name":"SvdDense"');
    // Two Dense layers of two weights, four of the normalization and the two of the last layer.
    expect(tf.memory().numTensors - before).toBe(10);
    const x = samples([7, 3, 2]);
    expectClose(await outputs(merged, x), await outputs(model, x));
    merged.dispose();
    expect(tf.memory().numTensors).toBe(before + 1 + 2);
  });
});
