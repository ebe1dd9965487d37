import { EdjmError } from '@edjm/core';
import { checkTrainingOptions } from '@edjm/recipes';
import type { Shell } from '../commandLine/shell.ts';
import { resumingCommand } from '../training/resumingCommand.ts';
import { enginesOf, threadsOf } from '../engines/engineNames.ts';
import { networkFiles } from '../training/networkFiles.ts';
import { trainingText } from '../training/presentTraining.ts';
import { regularized } from '../training/regularizers.ts';
import {
  type Begun,
  begunRun,
  checkRunFolder,
  hasCheckpoints,
  HISTORY,
  removeBeginning,
  removeCheckpoints,
  removeStale,
  resultFiles,
  runCheckpoints,
  SEARCH,
} from '../training/runFolder.ts';
import { checkGrid, search, searchTable, type TrialRecord } from '../training/search.ts';
import { checkDataOptions, loadData, splitData, type LoadedData } from '../training/trainingData.ts';
import { checkCombinations, rulesOf } from '../training/trainingOptions.ts';
import { trainingReport } from '../training/trainingReport.ts';
import { readSource, type TrainingSource } from '../training/trainingSource.ts';
import { tested, type Trained, trainOnce, type TrainingJob } from '../training/trainOnce.ts';
import { trainingEngines, type TrainOptions } from '../commandLine/trainOptions.ts';
import { showsColor } from '../output/colors.ts';
import { claimFolder } from '../output/claimFolder.ts';
import { checkAddressSpace } from '../output/memoryFailure.ts';
import { writeResults } from '../output/writeResults.ts';

/** A run whose input has been read and checked. */
interface Run {
  readonly source: TrainingSource;
  readonly data: LoadedData;
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly shell: Shell;
}

/** `edjm train NETWORK`. */
export async function trainCommand(path: string, options: TrainOptions, shell: Shell): Promise<void> {
  checkAddressSpace();
  checkDataOptions(options);
  checkCombinations(options);
  const source = await readSource(path, options);
  const { out: folder = source.name } = options;
  await claimFolder(folder, async () => {
    const run = await prepare({ source, folder, shell }, options);
    if (options.grid !== undefined) return searchBest(run, options);
    const trained = await trainResumably(run, options);
    await write(run, trained);
  });
}

/** Reads the data, and refuses requests that cannot work before anything is trained or removed. */
async function prepare(
  { source, folder, shell }: Pick<Run, 'source' | 'folder' | 'shell'>,
  options: TrainOptions,
): Promise<Run> {
  const { resume = false, overwrite = false } = options;
  await checkRunFolder(folder, resultFiles(source.name, options), {
    inputs: source.files,
    resume,
    overwrite,
  });
  const start = source.start(options);
  networkFiles(start, options);
  const data = await loadData(options, start);
  // Until now an interruption ends the process: nothing is lost with it.
  return { source, data, folder, signal: shell.interrupted(), shell };
}

/** A network and the options of its training. */
function jobOf({ source, data, signal, shell }: Run, options: TrainOptions): Omit<TrainingJob, 'engines'> {
  const regularization = regularized(source.start(options), options.regularizer ?? []);
  return {
    ...regularization,
    options,
    rules: rulesOf(options, regularization.network),
    data: splitData(data, options),
    signal,
    shell,
  };
}

async function trainResumably(run: Run, options: TrainOptions): Promise<Trained> {
  const { source, folder, shell } = run;
  const { engine: asked, threads, resume = false } = options;
  const job = jobOf(run, options);
  const identity = { network: job.network, start: source.from };
  const begun = resume ? await begunRun(folder, identity) : undefined;
  if (begun && asked?.some((name) => isEngineOf(begun.engine, name)) === false) {
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `--engine: expected ${begun.engine}, which the run was begun in, got ${asked.join(', ')}. Leave it out, or begin anew in another place.`,
    );
  }
  if (begun) shell.stderr.write(threadsWarning(begun, threadsOf(begun.engine, threads)));
  try {
    const trained = await trainOnce({
      ...job,
      engines: enginesOf(begun ? [begun.engine] : (asked ?? trainingEngines), threads),
      checkpoints: (engine) => ({
        store: runCheckpoints(
          folder,
          { ...identity, engine, threads: threadsOf(engine, threads) },
          { goesOn: begun !== undefined },
        ),
        resume,
      }),
    });
    if (options.progress) shell.stderr.write(resumedText(trained));
    return trained;
  } catch (cause) {
    await removeBeginning(folder);
    if (!EdjmError.is(cause, 'ABORTED') || !(await hasCheckpoints(folder))) throw cause;
    throw new EdjmError(
      'ABORTED',
      `${folder}/checkpoints holds all that was done. Go on with: ${resumingCommand(shell.args)}`,
      { cause },
    );
  }
}

/** Whether an engine is the one that a name of `--engine` means, or one of those. */
function isEngineOf(engine: string, name: string): boolean {
  return engine === name || (name === 'tfjs' && engine.startsWith('tfjs:'));
}

function threadsWarning(begun: Begun, threads: number): string {
  if (threads === begun.threads) return '';
  return `warning: the run was begun with --threads ${String(begun.threads)} and goes on with ${String(threads)}: its weights may differ in the last bits\n`;
}

function resumedText({ resumedFrom }: Trained): string {
  if (!resumedFrom) return '';
  const { checkpoint, epochs, step, damaged } = resumedFrom;
  const skipped = damaged.length === 0 ? '' : `; not whole: ${damaged.join(', ')}`;
  return `went on from ${checkpoint}: ${String(epochs)} epochs and ${String(step)} steps were done${skipped}\n`;
}

async function searchBest(run: Run, options: TrainOptions): Promise<void> {
  const { engine = trainingEngines, threads } = options;
  const engines = enginesOf(engine, threads);
  checkGrid(options, (chosen) => {
    checkCombinations(chosen);
    const { data, rules, regularizers } = jobOf(run, chosen);
    checkTrainingOptions(data, { ...rules, regularizers });
  });
  const { trials, best } = await search(
    options,
    (chosen, title) =>
      trainOnce({
        ...jobOf(run, chosen),
        engines,
        title,
      }),
    run.signal,
  );
  if (best === undefined) {
    const reasons = [...new Set(trials.map(({ error }) => error ?? ''))].join('; ');
    throw new EdjmError('INVALID_DATA', `expected a combination that can be trained, got none: ${reasons}`);
  }
  await write(run, best, trials);
}

/**
 * Evaluates the trained network on the test samples, which are used for nothing else. Writes the network and the trials of
 * a search, and reports both.
 */
async function write(
  { source, folder, data: { test }, shell: { stdout } }: Run,
  trained: Trained,
  trials?: readonly TrialRecord[],
): Promise<void> {
  const { options } = trained.job;
  const report = trainingReport(test ? await tested(trained, test) : trained, source.hashes);
  const files = {
    ...networkFiles(trained.network, options),
    [HISTORY]: `${JSON.stringify(report, undefined, 2)}\n`,
    ...(trials && { [SEARCH]: `${JSON.stringify({ version: 1, trials }, undefined, 2)}\n` }),
  };
  await writeResults(folder, files);
  if (options.resume === true || options.overwrite === true) await removeStale(folder, Object.keys(files));
  if (trials) await removeCheckpoints(folder);
  const text =
    options.json === true
      ? JSON.stringify(report)
      : [
          ...(trials ? [searchTable(trials), ''] : []),
          trainingText(report, showsColor(stdout)),
          `written: ${Object.keys(files)
            .map((name) => `${folder}/${name}`)
            .join(', ')}`,
        ].join('\n');
  stdout.write(`${text}\n`);
}
