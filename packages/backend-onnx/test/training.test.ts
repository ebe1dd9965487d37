import { testTrainableBackend } from '@edjm/conformance';
import { describe, it } from 'vitest';
import { onnxBackend } from '../src/index.ts';

const backend = onnxBackend();

testTrainableBackend({ name: 'onnx', load: (network) => backend.loadTrainable(network) }, { describe, it });
