import { Argument, Command } from 'commander';
import { withAnalysisOptions } from './commandLine/analysisOptions.ts';
import { checkUsage } from './commandLine/checkUsage.ts';
import { withInspectOptions } from './commandLine/inspectOptions.ts';
import { withComparisonGates, withGateOptions } from './commandLine/gates.ts';
import { type PlotOptions, withPlotOptions } from './commandLine/plotOptions.ts';
import type { RunOptions } from './commandLine/runOptions.ts';
import { type RowsOptions, withRowsOptions } from './commandLine/rowsOptions.ts';
import type { Shell } from './commandLine/shell.ts';
import { type TrainOptions, withTrainOptions } from './commandLine/trainOptions.ts';
import { analyzeCommand } from './commands/analyze.ts';
import { compareCommand } from './commands/compare.ts';
import { completionScript, type CompletionShell, completionShells } from './commands/completion.ts';
import { doctorCommand } from './commands/doctor.ts';
import type { InspectOptions } from './commands/inspect.ts';
import { metricsCommand } from './commands/metrics.ts';
import { version } from './version.ts';

/**
 * The command line, as commander sees it.
 *
 * @param exits - called with the exit code of a command that ended without an error.
 */
export function program(shell: Shell, exits: (code: number) => void): Command {
  const { stdout, stderr } = shell;
  const root = new Command('edjm')
    .description(
      'Shows what a neural network has learned: the singular values of its Extended Data Jacobian Matrix. Trains networks too.',
    )
    .version(version())
    .exitOverride()
    .showHelpAfterError('(edjm --help lists commands, edjm COMMAND --help their options)')
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
    })
    .configureHelp({ helpWidth: Math.min(stdout.columns || 100, 120) })
    .hook('preAction', (_, command) => {
      checkUsage(command);
    });
  withGateOptions(
    withAnalysisOptions(
      root.command('analyze').description('spectrum, score and other metrics of one network'),
    ),
  )
    // Several models are refused by checkUsage, which knows better than commander what to do.
    .allowExcessArguments()
    .option('--explain', 'print the plan, and what runs for each node, instead of running it')
    .argument(
      '<model>',
      'an .onnx file, a model.json of TensorFlow.js, a .keras or .h5 file of Keras, or a description NAME.json with its weights NAME.safetensors beside it',
    )
    .action(async (model: string, options: RunOptions) => {
      exits(await analyzeCommand(model, options, shell));
    });
  withComparisonGates(
    withAnalysisOptions(
      root.command('compare').description('the same for several networks on the same data, side by side'),
    ),
  )
    .argument('<models...>', 'files of these kinds')
    .action(async (models: string[], options: RunOptions) => {
      exits(await compareCommand(models, options, shell));
    });
  withRowsOptions(
    root.command('spectrum').description('the same for rows of an EDJM in files, without a network'),
  )
    .argument('<rows...>', 'a .npy, .npz or IDX file; or several, one an output')
    .action(async (paths: string[], options: RowsOptions) => {
      const { spectrumCommand } = await import('./commands/spectrum.ts');
      exits(await spectrumCommand(paths, options, shell));
    });
  withTrainOptions(root.command('train').description('trains a network, and writes the result'))
    .argument('<network>', 'a description of a network in JSON: the shape of a sample, and the layers')
    .action(async (network: string, options: TrainOptions) => {
      // Only training loads the code of training.
      const { trainCommand } = await import('./commands/train.ts');
      await trainCommand(network, options, shell);
    });
  withInspectOptions(root.command('inspect').description('what a model consists of; needs no data'))
    .argument('<model>', 'a file of these kinds')
    .action(async (model: string, options: InspectOptions) => {
      const { inspectCommand } = await import('./commands/inspect.ts');
      await inspectCommand(model, options, shell);
    });
  withPlotOptions(root.command('plot').description('draws results anew, as an SVG'))
    .argument('<files...>', 'report.json of analyze, compare or spectrum, or history.json of train')
    .action(async (files: string[], options: PlotOptions) => {
      const { plotCommand } = await import('./commands/plot.ts');
      await plotCommand(files, options, shell);
    });
  root
    .command('metrics')
    .description('lists the metrics, with what a high and a low value mean')
    .option('--json', 'print one JSON document')
    .action((options: { json?: boolean }) => {
      metricsCommand(options, shell);
    });
  root
    .command('completion')
    .description('prints a script that completes commands and options in a shell')
    .addArgument(new Argument('<shell>', 'the shell').choices(completionShells))
    .action((name: CompletionShell) => {
      stdout.write(completionScript(name, root));
    });
  root
    .command('doctor')
    .description(
      'lists the engines that load on this machine, and for each other one the reason and a remedy',
    )
    .option('--json', 'print one JSON document')
    .action(async (options: { json?: boolean }) => {
      exits(await doctorCommand(options, shell));
    });
  return root;
}
