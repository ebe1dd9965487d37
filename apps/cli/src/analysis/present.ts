import { type Head, type Interval, type MetricResult, type Report, spectrumMethods } from '@edjm/core';
import { builtinMetrics } from '@edjm/metrics';
import type { comparisonTable, ComparisonRow } from '@edjm/plot';
import type { SpectrumOptions } from '../commandLine/runOptions.ts';
import type { Shell } from '../commandLine/shell.ts';
import { showsColor } from '../output/colors.ts';
import { pictureOf, seriesOf } from './picture.ts';
import { wrapped } from '../output/wrapped.ts';
import { resultNames, writeResults } from '../output/writeResults.ts';

/** From this relative error bound of singular values on, the displayed digits of metrics cannot be trusted. */
const ROUGH = 1e-3;

/** The worst error bound of a report's singular values, relative to the largest of the same output. */
function worstBound({ outputs }: Report): number {
  return Math.max(
    ...outputs.map(({ singularValues: [largest = 0], errorBounds }) =>
      largest === 0 ? 0 : Math.max(...errorBounds) / largest,
    ),
  );
}

/** The first line of a result: the model and the data. */
function headline(report: Report): string {
  const { data, dIn, outputs, outputKind, head } = report;
  const transform = data.transform === undefined ? '' : ` as ${data.transform}`;
  return `n = ${data.n.toLocaleString('en')} points of ${data.name}${transform}, ${String(dIn)} inputs, ${String(outputs.length)} outputs (${outputKind}${head ? headText(head) : ''})`;
}

/** What the network ends in, and where. */
function headText({ kind, at, reason }: Head): string {
  if (kind === 'none') return '';
  if (kind === 'as-is') return reason === undefined ? '' : `, as ${reason}`;
  return `, the network ends in ${at ?? kind}`;
}

function description(method: string): string {
  return spectrumMethods.find(({ name }) => name === method)?.description ?? method;
}

/** The last lines: the method, the duration, and a bound of the error. */
function footline(reports: readonly Report[]): string {
  const seconds = reports.reduce((sum, report) => sum + report.seconds, 0);
  const how = [
    ...new Set(
      reports.map(({ method, precision }) => `${precision} rows, ${description(method)}, in float64`),
    ),
  ].join('; ');
  const worst = Math.max(...reports.map(worstBound));
  const rough = worst > ROUGH ? ', and metrics no better: another --method is more accurate' : '';
  const lines = [
    `${seconds.toFixed(1)} s; ${how}`,
    `singular values of these rows to ${worst.toExponential(0)} of the largest${rough}`,
    ...reports.flatMap(kinkLine),
  ];
  return lines.join('\n');
}

/** Says how many samples lie near kinks, and what to do about it. */
function kinkLine({ model, data, nearKinks }: Report): readonly string[] {
  if (nearKinks === undefined || nearKinks.n === 0) return [];
  const { n, samples } = nearKinks;
  const more = n > samples.length ? ', …' : '';
  return [
    `${model.name}: ${n.toLocaleString('en')} of ${data.n.toLocaleString('en')} samples have a unit or pooling window within rounding of its kink ` +
      `(samples ${samples.join(', ')}${more}, from 0): float32 may have switched their rows. Analyze an export in float64 to be sure`,
  ];
}

/** Up to this many models stand side by side; more are easier to read one below the other. */
const SIDE_BY_SIDE = 4;

/** One model: its metrics over the outputs. A few: metrics as rows. Many: models as rows. */
function table(reports: readonly Report[]): { rows: ComparisonRow[]; labelTitle: string } {
  const names = Object.keys(reports[0]?.metrics ?? {});
  const [only] = reports;
  if (reports.length === 1 && only !== undefined) {
    const rows = Object.entries(only.metrics).map(([name, { value, perOutput, interval }]) => ({
      label: name,
      values: {
        mean: value,
        ...(interval && { [intervalTitle(interval)]: rangeText(interval) }),
        ...(perOutput && { lowest: Math.min(...perOutput), highest: Math.max(...perOutput) }),
      },
    }));
    return { rows, labelTitle: 'over the outputs' };
  }
  const valueOf = (report: Report, name: string) => valueText(report.metrics[name]);
  if (reports.length > SIDE_BY_SIDE) {
    const rows = reports.map((report) => ({
      label: report.model.name,
      values: Object.fromEntries(names.map((name) => [name, valueOf(report, name)])),
    }));
    return { rows, labelTitle: 'model' };
  }
  const rows = names.map((name) => ({
    label: name,
    values: Object.fromEntries(reports.map((report) => [report.model.name, valueOf(report, name)])),
  }));
  return { rows, labelTitle: 'mean over the outputs' };
}

/** What intervals mean. */
function intervalLine(reports: readonly Report[]): readonly string[] {
  const found = reports.flatMap(({ metrics }) =>
    Object.values(metrics).flatMap(({ interval }) => interval ?? []),
  );
  const [first] = found;
  if (first === undefined) return [];
  return [
    `${intervalTitle(first)}: for data sets of this size from the same source, by the jackknife over ${String(first.groups)} groups of samples`,
  ];
}

function intervalTitle({ level }: Interval): string {
  return `${String(Number((100 * level).toPrecision(6)))} % interval`;
}

function rangeText({ low, high }: Interval): string {
  return `${low.toPrecision(5)} … ${high.toPrecision(5)}`;
}

/** A value, with half the width of its interval if it has one. */
function valueText(metric: MetricResult | undefined): number | string {
  if (metric?.interval === undefined) return metric?.value ?? NaN;
  const { value, interval } = metric;
  return `${value.toPrecision(5)} ± ${((interval.high - interval.low) / 2).toPrecision(2)}`;
}

/** Metrics whose value says little, and why. */
function cautions(reports: readonly Report[]): readonly string[] {
  return reports.flatMap(({ model, metrics }) =>
    Object.entries(metrics).flatMap(([name, { caution }]) =>
      caution === undefined ? [] : [`${model.name}: read ${name} with care, ${caution}`],
    ),
  );
}

/** The metrics of the rows of all outputs together, a column a model, if that was asked for. */
function stackedTable(
  reports: readonly Report[],
  draw: (rows: readonly ComparisonRow[]) => string,
): readonly string[] {
  const names = Object.keys(reports[0]?.stacked?.metrics ?? {});
  if (names.length === 0) return [];
  const rows = names.map((name) => ({
    label: name,
    values: Object.fromEntries(
      reports.map(({ model, stacked }) => [model.name, stacked?.metrics[name] ?? NaN]),
    ),
  }));
  return ['', draw(rows)];
}

/** Usual metrics that need more singular values than were computed. */
function leftOut(reports: readonly Report[], { metric: named }: Asked['options']): readonly string[] {
  if (named !== undefined) return [];
  const missing = builtinMetrics()
    .map(({ name }) => name)
    .filter((name) => reports.some(({ metrics }) => !Object.hasOwn(metrics, name)));
  return missing.length === 0 ? [] : [`left out, as they read more singular values: ${missing.join(', ')}`];
}

/** How tables name null models. */
const nullTitles = { init: 'fresh weights', permuted: 'permuted rows' } as const;

/** What null models give, a table a model. */
function nullTables(
  reports: readonly Report[],
  { color }: { readonly color: boolean },
  draw: typeof comparisonTable,
): readonly string[] {
  return reports.flatMap(({ model, metrics, nullModels = [] }) => {
    if (nullModels.length === 0) return [];
    const rows = Object.keys(metrics).map((name) => ({
      label: name,
      values: Object.fromEntries(
        nullModels.map((one) => [nullTitles[one.kind], rangeOfDraws(one.metrics[name])]),
      ),
    }));
    return ['', draw(rows, { labelTitle: `what noise gives, ${model.name}`, color })];
  });
}

/** The mean of the draws, and how far they lie apart. */
function rangeOfDraws(values: readonly number[] = []): string {
  if (values.length === 0) return '–';
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const half = (Math.max(...values) - Math.min(...values)) / 2;
  return values.length === 1 ? mean.toPrecision(5) : `${mean.toPrecision(5)} ± ${half.toPrecision(2)}`;
}

/** The form and the place of the output. */
interface Asked {
  readonly options: Pick<SpectrumOptions, 'json' | 'out' | 'picture' | 'metric'>;
  readonly shell: Shell;
}

/** The text for a terminal: the names of models and data, the spectra, a table, the method. */
async function textOf(reports: readonly Report[], { options, shell: { stdout } }: Asked): Promise<string> {
  const { comparisonTable, spectrumText } = await import('@edjm/plot');
  const color = showsColor(stdout);
  const width = Math.min(stdout.columns || 80, 110);
  const { rows, labelTitle } = table(reports);
  return [
    ...(reports[0] ? [headline(reports[0])] : []),
    '',
    spectrumText(seriesOf(reports), { width, color }),
    '',
    comparisonTable(rows, { labelTitle, color }),
    ...stackedTable(reports, (stacked) =>
      comparisonTable(stacked, { labelTitle: 'rows of all outputs as one matrix', color }),
    ),
    ...nullTables(reports, { color }, comparisonTable),
    footline(reports),
    ...[...intervalLine(reports), ...cautions(reports)].map((line) => wrapped(line, { width, indent: 0 })),
    ...leftOut(reports, options),
  ].join('\n');
}

/**
 * Prints results as text or JSON, and writes them where `--out` says. The plotting library, larger than the rest of the
 * command, is loaded only if something is drawn.
 */
export async function present(reports: readonly Report[], document: object, asked: Asked): Promise<void> {
  const {
    options: { json = false, out, picture },
    shell: { stdout, stderr },
  } = asked;
  const report = JSON.stringify(document);
  if (out !== undefined) {
    const { reportHtml } = await import('@edjm/plot');
    const svg = await pictureOf(reports, { style: picture });
    await writeResults(out, {
      [resultNames.report]: `${report}\n`,
      [resultNames.picture]: svg,
      [resultNames.page]: reportHtml(reports, { picture: svg }),
    });
  }
  if (json) {
    stdout.write(`${report}\n`);
    return;
  }
  for (const caution of cautions(reports)) stderr.write(`warning: ${caution}\n`);
  const written =
    out === undefined
      ? ''
      : `written: ${Object.values(resultNames)
          .map((name) => `${out}/${name}`)
          .join(', ')}\n`;
  stdout.write(`${await textOf(reports, asked)}\n${written}`);
}
