import { basename, dirname } from 'node:path';
import { EdjmError, type Report } from '@edjm/core';
import type { SpectrumSeries } from '@edjm/plot';
import { drawn, pictureOf, seriesOf } from '../analysis/picture.ts';
import { readResults } from '../analysis/savedResults.ts';
import type { PlotOptions } from '../commandLine/plotOptions.ts';
import type { Shell } from '../commandLine/shell.ts';
import { writeResults } from '../output/writeResults.ts';

/** `edjm plot FILE...`: draws saved results anew. */
export async function plotCommand(
  paths: readonly string[],
  options: PlotOptions,
  { stdout }: Shell,
): Promise<void> {
  const { out, picture: style, labels, ...form } = options;
  if (out !== undefined && !/[^/\\]\.svg$/i.test(out)) {
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `--out ${out}: expected a file that ends in .svg, got another name. Name one.`,
    );
  }
  const reports: Report[] = [];
  const trained: SpectrumSeries[] = [];
  for (const path of paths) {
    const found = await readResults(path);
    if ('reports' in found) reports.push(...found.reports);
    else trained.push(...found.series);
  }
  const name = namer(labels, reports.length + trained.length);
  const named = reports.map((report, index) => ({
    ...report,
    model: { ...report.model, name: name(index, report.model.name) },
  }));
  const curves = trained.map((one, index) => ({ ...one, label: name(reports.length + index, one.label) }));
  const svg =
    curves.length === 0
      ? await pictureOf(named, { style, ...form })
      : await drawn([...seriesOf(named), ...curves], { style, ...form }, { ordered: named.length === 0 });
  if (out === undefined) stdout.write(`${svg}\n`);
  else {
    await writeResults(dirname(out), { [basename(out)]: svg });
    stdout.write(`written: ${out}\n`);
  }
}

/** Names of curves by their place: those of `--labels`, or their own. */
function namer(labels: readonly string[] | undefined, count: number): (index: number, own: string) => string {
  if (labels !== undefined && labels.length !== count) {
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `--labels: expected a name for each of the ${String(count)} curves, got ${String(labels.length)}. Give as many, between commas.`,
    );
  }
  return (index, own) => labels?.[index] ?? own;
}
