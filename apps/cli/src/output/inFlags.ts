import { flag } from '../commandLine/runOptions.ts';

/** Options of training that messages of the library begin with, or list as what differs between two runs. */
const names = ['batchSize', 'batchStatistics', 'dropout', 'learningRate', 'seed', 'weightDecay'];

/** Names of options in messages of the library. Words inside paths and quotes do not count. */
const option = new RegExp(
  String.raw`(?<=^|[\s:;,(] ?)(${names.join('|')})(?=: expected| \(\S+ in the checkpoint)`,
  'g',
);

/** A message of the library, with the options of the command in place of the library's. */
export function inFlags(message: string): string {
  return message
    .replaceAll(option, (name) => flag(name))
    .replaceAll(/\bChoose the provider '([a-z]+)'/g, 'Choose --engine onnx:$1')
    .replaceAll(/\bby the option '\w+' \((--[\w-]+(?: [A-Z=]+)?)\)/g, 'by $1')
    .replaceAll(/\bthe option '\w+' \((--[\w-]+(?: [A-Z=]+)?)\)/g, '$1')
    .replaceAll(/\bthe option '(array|labelsArray|scale|mean|std)'/g, (_, name: string) => flag(name));
}
