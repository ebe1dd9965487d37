import { adam, checkpointFolder, momentumSgd, train } from '../../src/index.ts';
import { smallData, smallNetwork, weightsOf } from '../problem.ts';

/** A run in a process of its own, which may be killed: `trainingProcess.ts FOLDER OPTIMIZER`. Prints the weights at the end. */
const [folder = '', optimizer] = process.argv.slice(2);
const network = await smallNetwork();
const { resumedFrom } = await train(network, smallData(), {
  epochs: 30,
  batchSize: 5,
  seed: 3,
  optimizer: optimizer === 'adam' ? adam() : momentumSgd({ learningRate: 0.01 }),
  dropout: { hidden: 0.1 },
  checkpoints: { store: checkpointFolder(folder), everySteps: 1, resume: true },
  onProgress: ({ step }) => {
    if (step === 1) process.stdout.write('.');
  },
});
process.stdout.write(`\n${JSON.stringify({ resumedFrom, weights: await weightsOf(network) })}`);
