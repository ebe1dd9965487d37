import { spectrumMethods } from '@edjm/core';
import { type Command, Option } from 'commander';
import { pictureStyles } from '../analysis/picture.ts';
import { choice, collect, number, parsed, positiveInteger } from './parsers.ts';
import { parseIndices, parseMemory } from './runOptions.ts';

/** `--outputs`, as commander takes it. */
export const outputsOption = [
  '--outputs <list>',
  'which outputs, such as 0,7,10-19 (default: all)',
  parsed(parseIndices),
] as const;

/** Where the results go, and which metrics they have. */
export function withResultOptions(command: Command): Command {
  return command
    .option('--out <folder>', 'write report.json, report.html and spectrum.svg there')
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
    );
}

/** How spectra are computed. */
export function withSpectrumOptions(command: Command): Command {
  const methods = spectrumMethods.map(({ name, use }) => `${name}: ${use}`);
  return command
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
    .option('--null-seeds <n>', 'how often each null model is drawn (default: 3)', parsed(positiveInteger))
    .option('--stacked', 'also stack the rows of all outputs and analyze them as one matrix');
}

/** What of the machine a run may use. */
export function withMachineOptions(command: Command): Command {
  return command
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
