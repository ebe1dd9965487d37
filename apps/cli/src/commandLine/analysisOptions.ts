import { outputKinds } from '@edjm/core';
import { type Command, Option } from 'commander';
import { engineNames, parseEngines } from '../engines/engineNames.ts';
import { labeledSets } from './labeledSets.ts';
import { parsed, wholeNumber } from './parsers.ts';
import { parseFix, parseInputShape, parseMap, parseNullModels } from './runOptions.ts';
import { withSampleOptions } from './sampleOptions.ts';
import {
  outputsOption,
  withMachineOptions,
  withResultOptions,
  withSpectrumOptions,
} from './spectrumOptions.ts';

/** The options that `analyze` and `compare` share, in groups. The first group has the options that most people need. */
export function withAnalysisOptions(command: Command): Command {
  command.option(
    '--data <source>',
    `the samples: a file (.npy, .npz, IDX, also gzipped), or a set by name: ${labeledSets}`,
  );
  withResultOptions(command).option(
    '--engine <names>',
    `what runs the network: ${engineNames}; of several between commas, the first that loads and can run it (default: onnx or tfjs, by the file)`,
    parsed(parseEngines),
  );
  withSampleOptions(command.optionsGroup('Samples:'));
  withNetworkOptions(command.optionsGroup('Network and rows:'));
  withSpectrumOptions(command.optionsGroup('Spectrum:'));
  command.option(
    '--null <models>',
    'also what noise gives: init, the same architecture with weights drawn anew, and permuted, the rows with every column in an order of its own; or both, init,permuted (default: none)',
    parsed(parseNullModels),
  );
  return withMachineOptions(command.optionsGroup('Machine:'));
}

function withNetworkOptions(command: Command): void {
  command
    .option(...outputsOption)
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
