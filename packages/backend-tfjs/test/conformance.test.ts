import { testBackend } from '@edjm/conformance';
import { describe, it } from 'vitest';
import { tfjsBackend } from '../src/index.ts';
import { describeEngines } from './describeEngines.ts';

describeEngines('the conformance kit', (engine) => {
  const backend = tfjsBackend({ engine });
  testBackend({ name: `tfjs, ${engine}`, load: (...source) => backend.load(...source) }, { describe, it });
});
