import type { Command } from 'commander';
import { parsed, wholeNumber } from './parsers.ts';
import { parseInputShape, parseMap } from './runOptions.ts';

/** The options of `inspect`: those of `analyze` that say which function of the model is meant. */
export function withInspectOptions(command: Command): Command {
  return command
    .option('--json', 'print one JSON document')
    .option('--input <name>', 'list the tensors behind this one (default: the first input)')
    .option('--output <name>', 'list the tensors in front of this one (default: the first output)')
    .option(
      '--input-shape <shape>',
      'shape of one sample if the model leaves it open, such as 3,32,32 or NAME=3,32,32; may be repeated',
      parsed(parseInputShape),
    )
    .option(
      '--batch-axis <axis>',
      'where the batch stands in the inputs and output of an .onnx network (default: 0)',
      parsed(wholeNumber),
    )
    .option(
      '--map <layer=name>',
      'of a description: what its .safetensors file calls a layer or a tensor, such as 0=fc1; may be repeated',
      parsed(parseMap),
    );
}
