import { testBackend } from '@edjm/conformance';
import { describe, it } from 'vitest';
import { onnxBackend } from '../src/index.ts';

const backend = onnxBackend();
testBackend({ name: 'onnx', load: (network, options) => backend.load(network, options) }, { describe, it });
