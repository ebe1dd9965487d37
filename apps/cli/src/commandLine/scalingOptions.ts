import type { Command } from 'commander';
import { number, parsed } from './parsers.ts';

/** How stored numbers become the input of a network. */
export function withScaling(command: Command): Command {
  return command
    .option(
      '--scale <x>',
      'multiply the data by this; default: 1/255 for bytes, 1 for other types',
      parsed(number),
    )
    .option('--mean <x>', 'subtract this after scaling (default: 0)', parsed(number))
    .option('--std <x>', 'divide by this in the end (default: 1)', parsed(number));
}
