import { testTrainableBackend } from '@edjm/conformance';
import { describe, it } from 'vitest';
import { onnxBackend } from '../src/index.ts';

for (const runtime of ['node', 'web'] as const) {
  const backend = onnxBackend({ runtime });
  testTrainableBackend(
    { name: `onnx, ${runtime} runtime`, load: (network) => backend.loadTrainable(network) },
    { describe, it },
  );
}
