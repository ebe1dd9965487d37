import { type Command, Option } from 'commander';
import { type PictureOptions, pictureStyles } from '../analysis/picture.ts';
import { parsed, positiveInteger } from './parsers.ts';

/** Options of `plot`. */
export interface PlotOptions extends Omit<PictureOptions, 'style'> {
  readonly out?: string;
  readonly picture: NonNullable<PictureOptions['style']>;
  readonly labels?: readonly string[];
}

const scales = ['linear', 'log'] as const;

/** The options of `plot`. */
export function withPlotOptions(command: Command): Command {
  return command
    .option('--out <file>', 'write the picture there (default: print it)')
    .option('--title <text>', 'above the picture (default: none)')
    .option(
      '--labels <names>',
      'names of the curves, between commas (default: those of the models)',
      (text) => text.split(','),
    )
    .addOption(
      new Option('--picture <style>', 'two panels, or linear axes up to 0.25, as in the paper')
        .choices(pictureStyles)
        .default('panels'),
    )
    .addOption(new Option('--x-scale <scale>', 'of the index, in one panel').choices(scales))
    .addOption(new Option('--y-scale <scale>', 'of the values, in one panel').choices(scales))
    .option('--width <pixels>', 'of the picture, at least 150', parsed(positiveInteger))
    .option('--height <pixels>', 'of the axes, at least 150', parsed(positiveInteger));
}
