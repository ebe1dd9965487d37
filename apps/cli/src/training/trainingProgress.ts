import type { EpochRecord, TrainingProgress } from '@edjm/recipes';
import { Presets, SingleBar } from 'cli-progress';
import type { Output } from '../commandLine/shell.ts';

/** Progress of a run on standard error, until it is disposed of. */
export interface ProgressDisplay extends Disposable {
  readonly onProgress: (progress: TrainingProgress) => void;
  readonly onEpoch: (record: EpochRecord) => void;
}

const nothing: ProgressDisplay = {
  onProgress: () => undefined,
  onEpoch: () => undefined,
  [Symbol.dispose]: () => undefined,
};

/** A bar on a terminal, a line an epoch elsewhere, nothing if progress is switched off. */
export function showTraining(
  name: string,
  { progress, epochs }: { readonly progress: boolean; readonly epochs: number },
  stderr: Output,
): ProgressDisplay {
  if (!progress) return nothing;
  return stderr.isTTY === true ? bar(name, stderr) : lines(epochs, stderr);
}

function lines(epochs: number, stderr: Output): ProgressDisplay {
  return {
    ...nothing,
    onEpoch: ({ epoch, trainingLoss, validation, learningRate, seconds, spectrum }) => {
      const parts = [
        `loss ${digits(trainingLoss)}`,
        `validation loss ${digits(validation.loss)}`,
        ...(validation.accuracy === undefined ? [] : [`accuracy ${digits(validation.accuracy)}`]),
        ...Object.entries(spectrum?.metrics ?? {}).map(([metric, value]) => `${metric} ${digits(value)}`),
        `learning rate ${String(learningRate)}`,
        `${seconds.toFixed(1)} s`,
      ];
      stderr.write(`epoch ${String(epoch)}/${String(epochs)}: ${parts.join(', ')}\n`);
    },
  };
}

function bar(name: string, stderr: Output): ProgressDisplay {
  const display = new SingleBar(
    {
      format: `${name} {bar} epoch {epoch} | loss {loss} | accuracy {accuracy} | rate {rate} | {left} left`,
      stream: stderr,
      clearOnComplete: true,
      hideCursor: true,
      barsize: 20,
    },
    Presets.shades_classic,
  );
  return {
    ...nothing,
    onProgress: ({ epoch, epochs, step, steps, loss, accuracy, learningRate, secondsLeft }) => {
      const payload = {
        epoch: `${String(epoch)}/${String(epochs)}`,
        loss: digits(loss),
        accuracy: accuracy === undefined ? '-' : digits(accuracy),
        rate: String(learningRate),
        left: timeText(secondsLeft),
      };
      const done = (epoch - 1) * steps + step;
      if (display.isActive) display.update(done, payload);
      else display.start(epochs * steps, done, payload);
    },
    [Symbol.dispose]: () => {
      display.stop();
    },
  };
}

function digits(value: number): string {
  return value.toPrecision(4);
}

/** A time to two units at most: `42 s`, `3 min`, `2 h 5 min`. */
function timeText(seconds: number): string {
  if (seconds < 100) return `${seconds.toFixed(0)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 100) return `${String(minutes)} min`;
  return `${String(Math.floor(minutes / 60))} h ${String(minutes % 60)} min`;
}
