import { type RowLayout, rowLayouts } from '@edjm/datasets';
import { type Command, Option } from 'commander';
import { withGateOptions } from './gates.ts';
import { parsed, positiveInteger } from './parsers.ts';
import { parseNullModels, type SpectrumOptions } from './runOptions.ts';
import {
  outputsOption,
  withMachineOptions,
  withResultOptions,
  withSpectrumOptions,
} from './spectrumOptions.ts';

/** Options of `spectrum`. */
export interface RowsOptions extends SpectrumOptions {
  readonly layout?: RowLayout;
}

/** The options of `spectrum`, in groups. */
export function withRowsOptions(command: Command): Command {
  command.addOption(
    new Option(
      '--layout <axes>',
      'the order of the axes: nd, samples x d_in (default for two axes); nkd, samples x outputs x d_in; knd, outputs x samples x d_in. Arrays of more than two axes need it; d_in may be several axes',
    ).choices(rowLayouts),
  );
  withResultOptions(command)
    .optionsGroup('Rows:')
    .option('--array <names>', 'arrays of an .npz archive, one an output (default: the only one)', (text) =>
      text.split(','),
    )
    .option('--limit <n>', 'only the rows of the first n samples', parsed(positiveInteger))
    .option(...outputsOption);
  withSpectrumOptions(command.optionsGroup('Spectrum:'));
  command.option(
    '--null <models>',
    'also what noise gives: permuted, the rows with every column in an order of its own (default: none)',
    parsed(parseNull),
  );
  return withGateOptions(withMachineOptions(command.optionsGroup('Machine:')));
}

/** The null models of rows without a network. */
function parseNull(text: string): ReturnType<typeof parseNullModels> {
  const kinds = parseNullModels(text);
  if (!kinds.includes('init')) return kinds;
  throw new RangeError(
    `expected permuted, got "${text}": fresh weights need the network, as edjm analyze MODEL --null init has it.`,
  );
}
