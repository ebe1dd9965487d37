import { type Command, Option } from 'commander';
import { flag } from './runOptions.ts';
import { parseEngines } from '../engines/engineNames.ts';
import { collect, number, parsed, positiveInteger } from './parsers.ts';
import { labeledSets } from './labeledSets.ts';
import { withSampleOptions } from './sampleOptions.ts';

/** Update rules. */
export const optimizerNames = ['momentum-sgd', 'adam', 'path-sgd'] as const;

/** Schedules of the learning rate. */
const scheduleNames = ['halving', 'constant'] as const;

/** Distributions of the initial weights. */
export const initializerNames = ['he', 'glorot', 'orthogonal'] as const;

/** Engines that networks train in unless `--engine` says otherwise, the fastest first. */
export const trainingEngines: readonly string[] = ['onnx', 'tfjs:tensorflow', 'tfjs:wasm', 'cpu'];

/** Options of `train`, as commander gives them. */
export interface TrainOptions {
  readonly data: string;
  readonly labels?: string;
  readonly array?: readonly string[];
  readonly labelsArray?: string;
  readonly limit?: number;
  readonly scale?: number;
  readonly mean?: number;
  readonly std?: number;
  readonly validation?: number;
  readonly weights?: string;
  readonly initializer?: (typeof initializerNames)[number];
  readonly optimizer: (typeof optimizerNames)[number];
  readonly learningRate?: number;
  readonly momentum?: number;
  readonly nesterov?: boolean;
  readonly schedule: (typeof scheduleNames)[number];
  readonly patience?: number;
  readonly earlyStop?: number;
  readonly weightDecay: number;
  readonly batchSize: number;
  readonly epochs: number;
  readonly dropout?: number;
  readonly dropoutInput?: number;
  readonly batchStatistics?: number;
  readonly regularizer?: readonly string[];
  readonly seed: number;
  readonly spectrumEvery?: number;
  readonly spectrumSamples?: number;
  /** Names of engines, the preferred one first. Defaults to {@link trainingEngines}. */
  readonly engine?: readonly string[];
  readonly threads?: number;
  readonly grid?: Space;
  readonly gridSample?: number;
  readonly out?: string;
  readonly tfjs?: boolean;
  readonly resume?: boolean;
  readonly overwrite?: boolean;
  readonly json?: boolean;
  readonly progress: boolean;
}

/** The options that a search may vary, each with its parser: numbers that training depends on. */
const searchable = {
  learningRate: number,
  momentum: number,
  patience: positiveInteger,
  weightDecay: number,
  batchSize: positiveInteger,
  epochs: positiveInteger,
  dropout: number,
  dropoutInput: number,
  batchStatistics: number,
  seed: number,
} as const satisfies Partial<Record<keyof TrainOptions, (text: string) => number>>;

const searchableNames = Object.keys(searchable) as readonly (keyof typeof searchable)[];

/** Values to try, by the option's name. */
type Space = Readonly<Partial<Record<keyof typeof searchable, readonly number[]>>>;

/** One more of `--grid`: `learning-rate=0.01,0.1`. */
function parseGrid(text: string, earlier: Space = {}): Space {
  const [, key = '', values = ''] = /^([^=]*)=(.*)$/s.exec(text) ?? [];
  const camel = key.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
  const name = searchableNames.find((known) => known === camel);
  if (name === undefined) {
    const names = searchableNames.map((known) => flag(known).slice(2));
    throw new RangeError(
      `expected OPTION=VALUE,VALUE,… with an option among ${names.join(', ')}, got "${text}".`,
    );
  }
  if (name in earlier)
    throw new RangeError(`expected the values of ${key} in one place, got also "${text}".`);
  return { ...earlier, [name]: values.split(',').map(searchable[name]) };
}

/** The options of `train`, in groups. The first group has the options that most people need. */
export function withTrainOptions(command: Command): Command {
  command
    .option(
      '--data <source>',
      `samples with their classes: ${labeledSets}; or with --labels a file of samples: .npy, .npz, IDX, also gzipped`,
    )
    .option('--out <folder>', "folder for results and checkpoints (default: the network's name)")
    .option('--json', 'print the history as one JSON document')
    .option('--epochs <n>', 'passes over the samples', parsed(positiveInteger), 100)
    .option(
      '--engine <names>',
      `what the network trains in, by the names of "edjm analyze --help": of several between commas, the first that loads and can train it (default: ${trainingEngines.join(',')})`,
      parsed(parseEngines),
    );
  withData(command.optionsGroup('Samples:'));
  withStart(command.optionsGroup('Network:'));
  withSteps(command.optionsGroup('Steps:'));
  withRegularization(command.optionsGroup('Regularization:'));
  withSearch(command.optionsGroup('Spectrum and search:'));
  return command
    .optionsGroup('Run:')
    .option('--threads <n>', 'threads of the engine (default: all cores)', parsed(positiveInteger))
    .option('--tfjs', 'write a model of TensorFlow.js too')
    .option('--resume', 'continue an interrupted run, with the same other options')
    .option('--overwrite', 'begin anew if the folder holds a run, which is lost')
    .option('--no-progress', 'no progress on standard error');
}

function withData(command: Command): void {
  command
    .option('--labels <file>', 'the classes, whole numbers from 0 up, in a file of one of these formats')
    .option('--labels-array <name>', 'array of an .npz archive that holds the classes');
  withSampleOptions(command).option(
    '--validation <n>',
    'samples to validate on, drawn at random (default: a sixth, 10,000 at most)',
    parsed(positiveInteger),
  );
}

function withStart(command: Command): void {
  command
    .option('--weights <file>', 'start from the weights in this NAME.safetensors (default: random ones)')
    .addOption(
      new Option('--initializer <name>', 'how to draw random weights (default: he)').choices(
        initializerNames,
      ),
    )
    .option('--seed <n>', 'seed of all random numbers', parsed(number), 0);
}

function withSteps(command: Command): void {
  command
    .addOption(
      new Option('--optimizer <name>', 'the update rule').choices(optimizerNames).default('momentum-sgd'),
    )
    .option('--learning-rate <x>', 'in the first epoch (default: 0.1, and 0.001 for adam)', parsed(number))
    .option('--momentum <x>', 'of momentum-sgd (default: 0.9)', parsed(number))
    .option('--nesterov', "Nesterov's momentum")
    .addOption(
      new Option(
        '--schedule <name>',
        'halve the learning rate if validation finds nothing better, or leave it constant',
      )
        .choices(scheduleNames)
        .default('halving'),
    )
    .option(
      '--patience <n>',
      'epochs without a better result before the learning rate is halved (default: 5)',
      parsed(positiveInteger),
    )
    .option(
      '--early-stop <n>',
      'end after n epochs without a better result (default: never)',
      parsed(positiveInteger),
    )
    .option('--batch-size <n>', 'samples in a step', parsed(positiveInteger), 128)
    .option(
      '--batch-statistics <x>',
      'how far stored statistics of batch normalization move in a step; 0 to use them and leave them (default: 0.1)',
      parsed(number),
    );
}

function withRegularization(command: Command): void {
  command
    .option('--weight-decay <x>', 'of weights, not of biases', parsed(number), 0)
    .option('--dropout <rate>', 'behind hidden activations (default: 0)', parsed(number))
    .option('--dropout-input <rate>', 'of inputs (default: 0)', parsed(number))
    .option(
      '--regularizer <name:options>',
      'a regularizer, such as edjm-log-det:strength=1e-4,outputs=2; may be repeated',
      collect,
    );
}

function withSearch(command: Command): void {
  command
    .option(
      '--spectrum-every <k>',
      'record the spectrum of the EDJM and its score every k epochs (default: never)',
      parsed(positiveInteger),
    )
    .option(
      '--spectrum-samples <n>',
      'on the first n samples to validate on (default: 1000)',
      parsed(positiveInteger),
    )
    .option(
      '--grid <option=values>',
      'try several values, such as learning-rate=0.01,0.1, and write the best; may be repeated: all combinations',
      parsed(parseGrid),
    )
    .option('--grid-sample <n>', 'try n combinations alone, drawn at random', parsed(positiveInteger));
}
