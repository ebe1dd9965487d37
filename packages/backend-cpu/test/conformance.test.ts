import { testBackend, testTrainableBackend } from '@edjm/conformance';
import { describe, it } from 'vitest';
import { cpuBackend } from '../src/index.ts';

const backend = cpuBackend();

testBackend({ name: backend.name, load: (...source) => backend.load(...source) }, { describe, it });
testTrainableBackend(
  { name: backend.name, load: (network) => backend.loadTrainable(network) },
  { describe, it },
);
