import { outputKinds, spectrumMethods } from '@edjm/core';
import { type Command, Option } from 'commander';
import { pictureStyles } from '../analysis/picture.ts';
import { engineNames, parseEngines } from '../engines/engineNames.ts';
import { labeledSets } from './labeledSets.ts';
import { choice, collect, number, parsed, positiveInteger, wholeNumber } from './parsers.ts';
import {
  parseFix,
  parseIndices,
  parseInputShape,
  parseMap,
  parseMemory,
  parseNullModels,
} from './runOptions.ts';
import { withSampleOptions } from './sampleOptions.ts';

/** The options that `analyze` and `compare` share, in groups. The first group has the options that most people need. */
export function withAnalysisOptions(command: Command): Command {
  command
    .requiredOption(
      '--data <source>',
      `the samples: a file (.npy, .npz, IDX, also gzipped), or a set by name: ${labeledSets}`,
    )
    .option('--out <folder>', 'write report.json and spectrum.svg there')
    .addOption(
      new Option(
        '--picture <style>',
        'of spectrum.svg: two panels, or linear axes up to 0.25, as in the paper',
      )
        .choices(pictureStyles)
        .default('panels'),
    )
    .option('--json', 'print the report as one JSON document')
    .option(
      '--metric <name:options>',
      'a metric of those that edjm metrics lists, a file, or a package edjm-metric-NAME of this folder; with options, such as edjm-score:percentile=95,of=nonzero; may be repeated (default: the score, ranks and norms)',
      collect,
    )
    .option(
      '--engine <names>',
      `what runs the network: ${engineNames}; of several between commas, the first that loads and can run it (default: onnx or tfjs, by the file)`,
      parsed(parseEngines),
    );
  withSampleOptions(command.optionsGroup('Samples:'));
  withNetworkOptions(command.optionsGroup('Network and rows:'));
  withSpectrumOptions(command.optionsGroup('Spectrum:'));
  return command
    .optionsGroup('Machine:')
    .option(
      '--batch-size <n>',
      'samples in one batch (default: the fastest that fits the memory)',
      parsed(positiveInteger),
    )
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
    .option('--no-progress', 'no progress bar');
}

function withNetworkOptions(command: Command): void {
  command
    .option('--outputs <list>', 'which outputs, such as 0,7,10-19 (default: all)', parsed(parseIndices))
    .addOption(
      new Option(
        '--output-kind <kind>',
        'rows of the EDJM are gradients of the logits (in front of a final softmax or sigmoid), of the probabilities, of their logarithms, or of what the file gives',
      )
        .choices(outputKinds)
        .default('logit'),
    )
    .addOption(
      new Option(
        '--jacobian-of <input>',
        'with respect to the values that enter the network, or to the raw data',
      )
        .choices(['fed', 'raw'])
        .default('fed'),
    )
    .option(
      '--input <name>',
      'of an .onnx network: the tensor to differentiate with respect to, an input or one inside the model (default: the only input)',
    )
    .option(
      '--output <name>',
      'the tensor or layer to differentiate, an output or a hidden one (default: the only output)',
    )
    .option(
      '--fix <name=value>',
      'of an .onnx network: the value of an input for every sample, a number or a file; may be repeated',
      parsed(parseFix),
    )
    .option(
      '--map <layer=name>',
      'of a description: what its .safetensors file calls a layer or a tensor, such as 0=fc1; may be repeated',
      parsed(parseMap),
    )
    .option(
      '--input-shape <shape>',
      'shape of one sample if the model leaves it open, such as 3,32,32 or NAME=3,32,32; may be repeated',
      parsed(parseInputShape),
    )
    .option(
      '--batch-axis <axis>',
      'of an .onnx network: where the batch stands in its inputs and output, such as 1 if the sequence comes first (default: 0)',
      parsed(wholeNumber),
    )
    .option('--straight-through', 'differentiate a quantized .onnx network as if it did not round');
}

function withSpectrumOptions(command: Command): void {
  const methods = spectrumMethods.map(({ name, use }) => `${name}: ${use}`);
  command
    .option(
      '--accuracy <x>',
      'largest error of a singular value, relative to the largest value, for rows as the engine gives them (default: 1e-4)',
      parsed(number),
    )
    .option(
      '--method <name>',
      ['how to compute spectra (default: the fastest that is accurate enough and fits)', ...methods].join(
        '\n',
      ),
      parsed(choice(spectrumMethods.map(({ name }) => name))),
    )
    .option(
      '--values <k>',
      'only the k largest singular values of each output, and the metrics that need no others (default: all)',
      parsed(positiveInteger),
    )
    .option(
      '--confidence <level>',
      'an interval for each metric of the singular values, such as 0.95: how much it depends on the sample (default: none)',
      parsed(number),
    )
    .option(
      '--null <models>',
      'also what noise gives: init, the same architecture with weights drawn anew, and permuted, the rows with every column in an order of its own; or both, init,permuted (default: none)',
      parsed(parseNullModels),
    )
    .option('--null-seeds <n>', 'how often each null model is drawn (default: 3)', parsed(positiveInteger))
    .option('--stacked', 'also stack the rows of all outputs and analyze them as one matrix');
}
