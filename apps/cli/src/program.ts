import { spectrumMethods } from '@edjm/core';
import { Command, Option } from 'commander';
import { analyzeCommand } from './commands/analyze.ts';
import { compareCommand } from './commands/compare.ts';
import { doctorCommand } from './commands/doctor.ts';
import {
  parseFix,
  parseIndices,
  parseInputShape,
  parseMemory,
  type RunOptions,
} from './commandLine/runOptions.ts';
import type { Shell } from './commandLine/shell.ts';
import { engineNames, parseEngines } from './engines/engineNames.ts';
import { collect, number, parsed, positiveInteger } from './commandLine/parsers.ts';
import { withScaling } from './commandLine/scalingOptions.ts';
import { type TrainOptions, withTrainOptions } from './commandLine/trainOptions.ts';
import { version } from './version.ts';

/** The options that `analyze` and `compare` share. */
function withRunOptions(command: Command): Command {
  return withScaling(
    command
      .requiredOption(
        '--data <file>',
        'the points: .npy, .npz, IDX, also gzipped; cifar10:FILE; or sample:digits',
      )
      .option(
        '--array <names>',
        'which array of an .npz archive; several, such as x,mask, for a model of several inputs, in their order',
        (text) => text.split(','),
      )
      .option('--limit <n>', 'only the first n points', parsed(positiveInteger)),
  )
    .option('--outputs <list>', 'which outputs, such as 0,7,10-19 (default: all)', parsed(parseIndices))
    .addOption(
      new Option(
        '--output-kind <kind>',
        'rows of the EDJM are gradients of the logits, their softmax, or its logarithm',
      )
        .choices(['logit', 'probability', 'log-probability'])
        .default('logit'),
    )
    .addOption(
      new Option('--jacobian-of <input>', 'with respect to what the network is fed, or to the raw data')
        .choices(['fed', 'raw'])
        .default('fed'),
    )
    .option(
      '--metric <name>',
      'a built-in metric, a file, or a package edjm-metric-NAME; may be repeated (default: all built in but numerical-rank, condition-number and log-determinant)',
      collect,
    )
    .option(
      '--input <name>',
      'of an .onnx network: the tensor to differentiate with respect to: an input, or one inside the model (default: the only input)',
    )
    .option(
      '--output <name>',
      'the tensor or layer to differentiate: an output, or a hidden one (default: the only output)',
    )
    .option(
      '--fix <name=value>',
      "of an .onnx network: an input's value for every sample: a number, or a file that --data takes; may be repeated",
      parsed(parseFix),
    )
    .option(
      '--input-shape <shape>',
      'one sample, such as 3,32,32 or NAME=3,32,32, where the model leaves it open; may be repeated',
      parsed(parseInputShape),
    )
    .option('--straight-through', 'differentiate quantized .onnx networks as if nothing were rounded')
    .option(
      '--accuracy <x>',
      'largest error of a singular value, relative to the largest one (default: 1e-4)',
      parsed(number),
    )
    .addOption(
      new Option(
        '--method <name>',
        `how spectra are computed (default: the fastest that is accurate enough and fits the memory): ${spectrumMethods.map(({ name, use }) => `${name} for ${use}`).join('; ')}`,
      ).choices(spectrumMethods.map((method) => method.name)),
    )
    .option(
      '--values <k>',
      'compute the k largest singular values of each output alone, and the metrics that these suffice for (default: all)',
      parsed(positiveInteger),
    )
    .option('--stacked', 'analyze the rows of all outputs, one below the other, as one matrix too')
    .option('--batch-size <n>', 'samples in one batch', parsed(positiveInteger))
    .option(
      '--max-memory <size>',
      'limit of the whole process, such as 600MB or 4GB (default: half of the memory, 4 GiB at most)',
      parsed(parseMemory),
    )
    .option(
      '--threads <n>',
      'threads of the engine and of the spectra (default: all cores)',
      parsed(positiveInteger),
    )
    .option(
      '--engine <names>',
      `what runs the network: ${engineNames}; of several, between commas, the first that loads and can (default: onnx or tfjs, by the file)`,
      parsed(parseEngines),
    )
    .option('--out <folder>', 'write report.json and spectrum.svg there')
    .option('--json', 'print the report as one JSON document')
    .option('--no-progress', 'no progress bar');
}

/**
 * The command line, as commander sees it.
 *
 * @param exits - is told the exit code of a command that ended without an error.
 */
export function program(shell: Shell, exits: (code: number) => void): Command {
  const { stdout, stderr } = shell;
  const root = new Command('edjm')
    .description(
      'Shows what a neural network has learned: the singular values of its Extended Data Jacobian Matrix. Trains networks too.',
    )
    .version(version())
    .exitOverride()
    .showHelpAfterError('(edjm --help lists commands and options)')
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
    })
    .configureHelp({ helpWidth: Math.min(stdout.columns || 100, 120) });
  withRunOptions(root.command('analyze').description('spectrum, score and other metrics of one network'))
    .option('--explain', 'say what would run, node by node, instead of running it')
    .argument(
      '<model>',
      'an .onnx file, a model.json of TensorFlow.js, a .keras or .h5 file of Keras, or a description NAME.json with its weights NAME.safetensors beside it',
    )
    .action((model: string, options: RunOptions) => analyzeCommand(model, options, shell));
  withRunOptions(
    root.command('compare').description('the same for several networks on the same data, side by side'),
  )
    .argument('<models...>', 'files of these kinds')
    .action((models: string[], options: RunOptions) => compareCommand(models, options, shell));
  withTrainOptions(root.command('train').description('trains a network, and writes what it has become'))
    .argument('<network>', 'a description of a network in JSON: the shape of a sample, and the layers')
    .action(async (network: string, options: TrainOptions) => {
      // Only training loads the code of training.
      const { trainCommand } = await import('./commands/train.ts');
      await trainCommand(network, options, shell);
    });
  root
    .command('doctor')
    .description('which engines load on this machine, and for each that does not, why and what to do')
    .option('--json', 'print one JSON document')
    .action(async (options: { json?: boolean }) => {
      exits(await doctorCommand(options, shell));
    });
  return root;
}
