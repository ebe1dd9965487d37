import type { Progress } from '@edjm/core';
import { Presets, SingleBar } from 'cli-progress';
import type { Output } from '../commandLine/shell.ts';

/** A progress bar that disappears when it is disposed of. */
export interface ProgressBar extends Disposable {
  readonly update: (progress: Progress) => void;
}

const labels: Record<Progress['phase'], string> = { jacobian: 'rows', spectrum: 'spectra' };

/** Shows rate and time left on standard error, if that is a terminal and progress is not switched off. */
export function showProgress(
  name: string,
  { progress }: { readonly progress: boolean },
  stderr: Output,
): ProgressBar {
  if (!progress || stderr.isTTY !== true) {
    return { update: () => undefined, [Symbol.dispose]: () => undefined };
  }
  const bar = new SingleBar(
    {
      format: `${name} {bar} {value}/{total} {label} | {rate}/s | {left} left`,
      stream: stderr,
      clearOnComplete: true,
      // An interruption ends the process at once, and nothing would bring a hidden cursor back.
      hideCursor: false,
      barsize: 24,
    },
    Presets.shades_classic,
  );
  let phase: Progress['phase'] | undefined;
  let started = 0;
  const update = (now: Progress): void => {
    if (now.phase !== phase) {
      phase = now.phase;
      started = performance.now();
      bar.start(now.total, 0, { label: labels[phase], rate: '-', left: '-' });
    }
    const seconds = (performance.now() - started) / 1000;
    const rate = now.done / Math.max(seconds, 1e-3);
    bar.update(now.done, {
      rate: rate.toFixed(rate < 10 ? 1 : 0),
      left: `${((now.total - now.done) / rate).toFixed(0)} s`,
    });
  };
  return {
    update,
    [Symbol.dispose]: () => {
      bar.stop();
    },
  };
}
