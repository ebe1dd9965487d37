import { type AnyMetric, EdjmError, type MetricResult, type Report } from '@edjm/core';
import { type Bound, gates, type GateOptions } from '../commandLine/gates.ts';
import { flag } from '../commandLine/runOptions.ts';
import type { Shell } from '../commandLine/shell.ts';
import { exitCodes } from '../output/failure.ts';

/**
 * Refuses bounds of metrics that are not computed.
 *
 * @throws EdjmError `INVALID_ARGUMENT`.
 */
export function checkGates(options: GateOptions, metrics: readonly AnyMetric[]): void {
  const names = metrics.map(({ name }) => name);
  for (const gate of gates) {
    const unknown = options[gate]?.find(({ metric }) => !names.includes(metric));
    if (unknown === undefined) continue;
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `${flag(gate)} ${unknown.metric}: expected one of the metrics that are computed (${names.join(', ')}), got "${unknown.metric}". Correct the name, or ask for it by --metric ${unknown.metric}.`,
    );
  }
}

/**
 * Says on standard error which bounds networks miss, a line each, and gives the exit code. A value with an interval misses a bound only if all of
 * the interval does.
 *
 * @throws EdjmError `INVALID_ARGUMENT` if a bounded metric was left out, since it reads more singular values than were computed.
 */
export function gateCode(
  reports: readonly Report[],
  options: GateOptions,
  { stderr }: Pick<Shell, 'stderr'>,
): number {
  const missed = gates.flatMap((gate) =>
    (options[gate] ?? []).flatMap((bound) => linesOf[gate](reports, bound)),
  );
  for (const line of missed) stderr.write(`failed: ${line}\n`);
  return missed.length === 0 ? 0 : exitCodes.missed;
}

/** What the networks that miss a bound are told, by the kind of the bound. */
const linesOf: Record<
  (typeof gates)[number],
  (reports: readonly Report[], bound: Bound) => readonly string[]
> = {
  min: (reports, bound) =>
    reports.flatMap((report) => {
      const found = resultOf(report, bound, 'min');
      if (rangeOf(found).high >= bound.value) return [];
      return [`${report.model.name}: ${bound.metric} is ${valueText(found)}, below --min ${bound.text}`];
    }),
  max: (reports, bound) =>
    reports.flatMap((report) => {
      const found = resultOf(report, bound, 'max');
      if (rangeOf(found).low <= bound.value) return [];
      return [`${report.model.name}: ${bound.metric} is ${valueText(found)}, above --max ${bound.text}`];
    }),
  maxDrop: ([first, ...others], bound) =>
    first === undefined ? [] : others.flatMap((other) => dropLine(first, other, bound)),
};

function dropLine(first: Report, other: Report, bound: Bound): readonly string[] {
  const [before, after] = [first, other].map((report) => resultOf(report, bound, 'maxDrop')) as [
    MetricResult,
    MetricResult,
  ];
  const allowed = bound.isShare ? bound.value * Math.abs(before.value) : bound.value;
  if (rangeOf(before).low - rangeOf(after).high <= allowed) return [];
  const drop = before.value - after.value;
  const size =
    bound.isShare && before.value !== 0
      ? `${((100 * drop) / Math.abs(before.value)).toPrecision(3)} %`
      : drop.toPrecision(4);
  return [
    `${other.model.name}: ${bound.metric} is ${valueText(after)}, ${size} below the ${valueText(before)} of ${first.model.name}; --max-drop is ${bound.text}`,
  ];
}

function resultOf({ model, metrics }: Report, { metric }: Bound, gate: (typeof gates)[number]): MetricResult {
  const found = metrics[metric];
  if (found !== undefined) return found;
  throw new EdjmError(
    'INVALID_ARGUMENT',
    `${flag(gate)} ${metric}: expected a metric that was computed for ${model.name}, got one that reads more singular values than were asked for. Raise --values, or leave the bound out.`,
  );
}

/** The values that a result stands for: its interval, if it has one. */
function rangeOf({ value, interval }: MetricResult): { readonly low: number; readonly high: number } {
  return interval ?? { low: value, high: value };
}

function valueText({ value, interval }: MetricResult): string {
  const text = value.toPrecision(5);
  return interval === undefined
    ? text
    : `${text} (${interval.low.toPrecision(5)} to ${interval.high.toPrecision(5)})`;
}
