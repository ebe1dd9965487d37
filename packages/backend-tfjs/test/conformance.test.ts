import { testBackend, testTrainableBackend } from '@edjm/conformance';
import { describe, it } from 'vitest';
import { tfjsBackend } from '../src/index.ts';
import { describeEngines } from './describeEngines.ts';

describeEngines('the conformance kit', (engine) => {
  const backend = tfjsBackend({ engine });
  const name = `tfjs, ${engine}`;
  testBackend({ name, load: (...source) => backend.load(...source) }, { describe, it });
  testTrainableBackend({ name, load: (network) => backend.loadTrainable(network) }, { describe, it });
});
