import * as tf from '@tensorflow/tfjs';
import { testBackend, testTrainableBackend } from '@edjm/conformance';
import { describe, it } from 'vitest';
import { tfjsBackend } from '../src/index.ts';
import { describeEngines } from './describeEngines.ts';

describeEngines('the conformance kit', (engine) => {
  const backend = tfjsBackend({ engine });
  const name = `tfjs, ${engine}`;
  testBackend(
    {
      name,
      load: (...source) => backend.load(...source),
      loadMixing: () => backend.load((x) => tf.sub(x, tf.mean(x, 0)), { inputShape: [5] }),
    },
    { describe, it },
  );
  testTrainableBackend({ name, load: (network) => backend.loadTrainable(network) }, { describe, it });
});
