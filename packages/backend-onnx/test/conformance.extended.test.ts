import { testBackend } from '@edjm/conformance';
import { describe, it } from 'vitest';
import { onnxBackend } from '../src/index.ts';

for (const runtime of ['node', 'web'] as const) {
  const backend = onnxBackend({ runtime });
  testBackend(
    { name: `onnx, runtime ${runtime}`, load: (network, options) => backend.load(network, options) },
    { describe, it },
  );
}
