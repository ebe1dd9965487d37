import { testHostileFiles } from '@edjm/testing';
import { onnxBackend } from '../../src/index.ts';
import { modelWithExternal } from '../support/externalWeights.ts';

testHostileFiles({
  ending: '.onnx',
  model: (weights) => modelWithExternal(weights),
  weights: new Uint8Array(Float32Array.of(1, 2).buffer),
  load: (source) => onnxBackend().load(source),
});
