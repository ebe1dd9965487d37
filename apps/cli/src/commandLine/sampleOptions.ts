import type { Command } from 'commander';
import { number, parsed, positiveInteger } from './parsers.ts';

/** The choice of samples, and the transform from stored numbers to the input of a network. */
export function withSampleOptions(command: Command): Command {
  return command
    .option(
      '--array <names>',
      'arrays of an .npz archive that hold the samples; several, such as x,mask, side by side, those that bear the names of inputs for these (default: the only one, or those that all inputs name)',
      (text) => text.split(','),
    )
    .option('--limit <n>', 'only the first n samples', parsed(positiveInteger))
    .option(
      '--scale <x>',
      'multiply the data by x (default: 1/255 for bytes, 1 for other types)',
      parsed(number),
    )
    .option('--mean <x>', 'subtract x after scaling (default: 0)', parsed(number))
    .option('--std <x>', 'divide by x in the end (default: 1)', parsed(number));
}
