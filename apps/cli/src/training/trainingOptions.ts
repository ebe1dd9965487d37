import { EdjmError } from '@edjm/core';
import { glorotUniform, heNormal, type Initializer, type Network, orthogonal } from '@edjm/network';
import {
  adam,
  constantRate,
  halving,
  momentumSgd,
  type Optimizer,
  pathSgd,
  type Schedule,
  type TrainingOptions,
} from '@edjm/recipes';
import { flag } from '../commandLine/runOptions.ts';
import type { TrainOptions } from '../commandLine/trainOptions.ts';

const initializers: Readonly<Record<NonNullable<TrainOptions['initializer']>, () => Initializer>> = {
  he: () => heNormal,
  glorot: () => glorotUniform,
  orthogonal: () => orthogonal(),
};

/** How the options draw random weights. */
export function initializerOf({ initializer = 'he' }: TrainOptions): Initializer {
  return initializers[initializer]();
}

/** Options that need another option, and that option. */
const combinations: readonly (readonly [
  option: keyof TrainOptions,
  fits: (options: TrainOptions) => boolean,
  expected: string,
])[] = [
  ['momentum', ({ optimizer }) => optimizer === 'momentum-sgd', '--optimizer momentum-sgd'],
  ['nesterov', ({ optimizer }) => optimizer === 'momentum-sgd', '--optimizer momentum-sgd'],
  ['patience', ({ schedule }) => schedule === 'halving', '--schedule halving'],
  ['initializer', ({ weights }) => weights === undefined, 'no --weights'],
  ['spectrumSamples', ({ spectrumEvery }) => spectrumEvery !== undefined, '--spectrum-every'],
  ['resume', ({ overwrite }) => overwrite !== true, 'no --overwrite'],
  ['resume', ({ grid }) => grid === undefined, 'no --grid'],
  ['gridSample', ({ grid }) => grid !== undefined, '--grid'],
];

/** Refuses options that contradict each other. @throws EdjmError `INVALID_ARGUMENT`. */
export function checkCombinations(options: TrainOptions): void {
  for (const [option, fits, expected] of combinations) {
    if (options[option] === undefined || fits(options)) continue;
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `${flag(option)}: expected ${expected} with it, got another combination. Leave it out.`,
    );
  }
}

/** The options that decide the steps of a run. */
export type Rules = Pick<
  TrainingOptions,
  'epochs' | 'batchSize' | 'earlyStop' | 'weightDecay' | 'dropout' | 'batchStatistics' | 'seed'
> & { readonly optimizer: Optimizer; readonly schedule: Schedule };

/**
 * Picks the options that decide the steps of a run.
 *
 * @throws EdjmError `INVALID_ARGUMENT` for numbers out of their range; `UNSUPPORTED` for layers that Path-SGD does not know.
 */
export function rulesOf(options: TrainOptions, network: Network): Rules {
  const { epochs, batchSize, earlyStop, weightDecay, seed, dropout, dropoutInput, patience } = options;
  const { batchStatistics = hasBatchNorm(network) ? 0.1 : 0 } = options;
  return {
    epochs,
    batchSize,
    weightDecay,
    seed,
    optimizer: optimizerOf(options, network),
    schedule: options.schedule === 'constant' ? constantRate() : halving({ patience }),
    ...(earlyStop !== undefined && { earlyStop: { patience: earlyStop } }),
    ...((dropout !== undefined || dropoutInput !== undefined) && {
      dropout: { hidden: dropout ?? 0, input: dropoutInput ?? 0 },
    }),
    ...(batchStatistics !== 0 && { batchStatistics }),
  };
}

function optimizerOf(options: TrainOptions, network: Network): Optimizer {
  const { momentum, nesterov, optimizer, learningRate } = options;
  switch (optimizer) {
    case 'momentum-sgd':
      return momentumSgd({ learningRate, momentum, nesterov });
    case 'adam':
      return adam({ learningRate });
    case 'path-sgd':
      return pathSgd({ network, learningRate });
  }
}

function hasBatchNorm({ layers }: Pick<Network, 'layers'>): boolean {
  return layers.some(
    (layer) =>
      layer.type === 'batchNorm' ||
      (layer.type === 'residual' &&
        [layer.body, layer.shortcut].some((inner) => hasBatchNorm({ layers: inner }))),
  );
}
