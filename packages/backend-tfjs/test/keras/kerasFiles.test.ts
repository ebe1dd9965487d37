import { wrongOutputs } from '@edjm/testing';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { readKerasFile, toKeras2Topology } from '../../src/keras/index.ts';
import expectedJson from './fixtures/expected.json' with { type: 'json' };
import { computed, fixture, outputsOf } from './files.ts';

interface Expected {
  readonly shape: readonly number[];
  readonly outputs: readonly (readonly number[])[];
}

const expected: Readonly<Record<string, Expected>> = expectedJson;

/** The inputs of fixtures/make.py. */
function samplesOf([count = 0, ...shape]: readonly number[]): number[][] {
  const size = shape.reduce((product, axis) => product * axis, 1);
  return Array.from({ length: count }, (_, sample) =>
    Array.from({ length: size }, (_, index) => Math.fround(Math.sin(1.7 * (sample * size + index) + 0.3))),
  );
}

beforeAll(() => tf.setBackend('cpu'));

describe.each([
  ['functional', ['functional.keras', 'functional.h5.gz']],
  ['image', ['image.keras']],
  ['recurrent', ['recurrent.keras', 'recurrent.h5.gz']],
  ['activations', ['activations.keras', 'activations.h5.gz']],
  ['nested', ['nested.keras', 'nested.h5.gz']],
  ['float64', ['float64.keras', 'float64.h5.gz']],
])('what Keras wrote: %s', (name, files) => {
  const { shape, outputs } = expected[name]!;
  it.each(files)('%s computes what it computes in Keras', async (file) => {
    const found = await computed(fixture(file), samplesOf(shape), { shape: shape.slice(1) });
    expect(found).toHaveLength(outputs.length);
    for (const [index, values] of outputs.entries()) expect(wrongOutputs(found[index], values)).toEqual([]);
  });
});

describe('float16', () => {
  const { shape, outputs } = expected['float16']!;
  it.each(['float16.keras', 'float16.h5.gz'])(
    '%s is widened: only what Keras rounds differs',
    async (file) => {
      const [found] = await computed(fixture(file), samplesOf(shape), { shape: shape.slice(1) });
      expect(wrongOutputs(found, outputs[0]!, 2 ** -10)).toEqual([]);
      expect(wrongOutputs(found, outputs[0]!, 2 ** -20)).not.toEqual([]);
    },
  );
});

describe('the artifacts', () => {
  it('are in the dialect of TensorFlow.js, which stays as it is', async () => {
    const artifacts = await readKerasFile(fixture('nested.keras'), 'nested.keras');
    expect(artifacts.format).toBe('layers-model');
    expect(toKeras2Topology(artifacts.modelTopology)).toEqual(artifacts.modelTopology);
    const { shape, outputs } = expected['nested']!;
    const modelTopology = toKeras2Topology(artifacts.modelTopology);
    const found = await outputsOf({ ...artifacts, modelTopology }, samplesOf(shape), shape.slice(1));
    expect(wrongOutputs(found[0], outputs[0]!)).toEqual([]);
  });

  it('keep the names of layers, and make those in other models differ', async () => {
    const { weightSpecs = [] } = await readKerasFile(fixture('nested.keras'), 'nested.keras');
    const names = weightSpecs.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toContain('a/kernel');
    expect(names).toContain('a_1/kernel');
    expect(names.filter((name) => name.endsWith('/moving_mean'))).toHaveLength(2);
  });

  it('do not depend on what the file is called', async () => {
    const artifacts = await readKerasFile(fixture('float64.h5.gz'), 'model.keras');
    expect(artifacts.weightSpecs).toHaveLength(2);
  });
});
