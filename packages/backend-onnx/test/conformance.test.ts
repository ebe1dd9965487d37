import { testBackend } from '@edjm/conformance';
import { partOf } from '@edjm/testing';
import { describe, it } from 'vitest';
import { onnxBackend } from '../src/index.ts';

const native = onnxBackend({ runtime: 'node', threads: 1 });
testBackend(
  { name: 'onnx, runtime node, one thread', load: (...source) => native.load(...source) },
  { describe, it },
);

/** A network of each kind; the extended tests run the whole kit. */
const onWeb = [
  'multilayer perceptron',
  'convolution: everything at once',
  'pooling: maximum, overlapping',
  'residual convolutional network',
  'logit of a network that ends in softmax',
];

const web = onnxBackend({ runtime: 'web' });
testBackend(
  { name: 'onnx, runtime web', load: (...source) => web.load(...source) },
  partOf({ describe, it }, (title) => onWeb.includes(title)),
);
