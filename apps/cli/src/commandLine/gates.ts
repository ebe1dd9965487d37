import type { Command } from 'commander';
import { parsed } from './parsers.ts';

/** A bound of a metric that the command line sets. */
export interface Bound {
  readonly metric: string;
  readonly value: number;
  /** Whether the value is a share of the first network's value; it is 0.05 for `5%`. */
  readonly isShare: boolean;
  /** As it was given, such as `5%`. */
  readonly text: string;
}

/** Bounds that make the command end with an exit code of its own if a network misses one. */
export interface GateOptions {
  readonly min?: readonly Bound[];
  readonly max?: readonly Bound[];
  readonly maxDrop?: readonly Bound[];
}

/** The options that bound a metric, as fields and in the order in which they are checked. */
export const gates = ['min', 'max', 'maxDrop'] as const;

/** `--min` and `--max`. */
export function withGateOptions(command: Command): Command {
  return command
    .optionsGroup('Gate:')
    .option(
      '--min <name=value>',
      'end with exit code 3 if a metric is below this, such as edjm-score=2; may be repeated',
      parsed(parseBound),
    )
    .option(
      '--max <name=value>',
      'end with exit code 3 if a metric is above this; may be repeated',
      parsed(parseBound),
    );
}

/** The same, and `--max-drop`. */
export function withComparisonGates(command: Command): Command {
  return withGateOptions(command).option(
    '--max-drop <name=value>',
    'end with exit code 3 if a metric of another network lies further below that of the first than this, such as edjm-score=5% or edjm-score=0.2; may be repeated',
    parsed(parseDrop),
  );
}

function parseBound(text: string, earlier: readonly Bound[] = []): readonly Bound[] {
  const bound = boundIn(text);
  if (bound !== undefined && !bound.isShare) return [...earlier, bound];
  throw new RangeError(`expected NAME=NUMBER such as edjm-score=2, got "${text}".`);
}

function parseDrop(text: string, earlier: readonly Bound[] = []): readonly Bound[] {
  const bound = boundIn(text);
  if (bound !== undefined && bound.value >= 0) return [...earlier, bound];
  throw new RangeError(
    `expected NAME=NUMBER or NAME=PERCENT%, 0 or above, such as edjm-score=5%, got "${text}".`,
  );
}

function boundIn(given: string): Bound | undefined {
  const [, metric, text, percent] = /^([^=]+)=\s*(\S*?)\s*(%?)\s*$/.exec(given) ?? [];
  if (metric === undefined || text === undefined || text === '' || !Number.isFinite(Number(text)))
    return undefined;
  const isShare = percent === '%';
  return {
    metric: metric.trim(),
    value: isShare ? Number(text) / 100 : Number(text),
    isShare,
    text: isShare ? `${text} %` : text,
  };
}
