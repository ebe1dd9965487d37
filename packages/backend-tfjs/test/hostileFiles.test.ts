import { multilayerPerceptron } from '@edjm/network';
import { testHostileFiles } from '@edjm/testing';
import { tfjsBackend, writeLayersModel } from '../src/index.ts';

const { modelJson, weights, weightsFile } = writeLayersModel(
  multilayerPerceptron({ dIn: 2, hidden: [3], dOut: 2, seed: 1 }),
);
const backend = tfjsBackend({ engine: 'cpu' });

testHostileFiles({
  ending: '.json',
  model: (location) => {
    const json = modelJson.replace(JSON.stringify(weightsFile), () => JSON.stringify(location));
    return new TextEncoder().encode(json);
  },
  weights,
  load: (source) => backend.load(source),
});
