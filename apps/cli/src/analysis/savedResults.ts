import { EdjmError, outputKinds, REPORT_VERSION, type Report } from '@edjm/core';
import { openFile } from '@edjm/files';
import type { SpectrumSeries } from '@edjm/plot';
import type { EpochRecord } from '@edjm/recipes';
import * as v from 'valibot';

/** What a file of results holds: the reports of networks, or the spectra of a training. */
export type SavedResults =
  { readonly reports: readonly Report[] } | { readonly series: readonly SpectrumSeries[] };

const numbers = v.array(v.number());
const metric = v.object({ value: v.number() });

/** The fields of a report that a picture is drawn from. */
const report = v.object({
  version: v.literal(REPORT_VERSION),
  model: v.object({ name: v.string() }),
  data: v.object({ name: v.string(), n: v.number() }),
  dIn: v.number(),
  outputKind: v.picklist(outputKinds),
  method: v.string(),
  outputs: v.array(v.object({ index: v.number(), singularValues: numbers })),
  normalizedSpectrum: numbers,
  metrics: v.record(v.string(), metric),
  nullModels: v.optional(
    v.array(
      v.object({
        kind: v.picklist(['init', 'permuted']),
        metrics: v.record(v.string(), numbers),
        normalizedSpectrum: numbers,
      }),
    ),
  ),
});

const history = v.object({
  epochs: v.array(
    v.object({
      epoch: v.number(),
      spectrum: v.optional(
        v.object({ metrics: v.record(v.string(), v.number()), normalizedSpectrum: numbers }),
      ),
    }),
  ),
});

/**
 * Reads a `report.json` of `analyze`, `compare` or `spectrum`, or a `history.json` of `train`.
 *
 * @throws EdjmError `INVALID_FILE` for other files, and for a training without spectra; as `openFile`.
 */
export async function readResults(path: string): Promise<SavedResults> {
  const file = await openFile(path, { expected: 'a report.json or history.json' });
  const json = parse(new TextDecoder().decode(await file.bytes()));
  if (isReport(json)) return { reports: [json] };
  if (areReports(json)) return { reports: json.reports };
  if (!isHistory(json)) {
    throw new EdjmError(
      'INVALID_FILE',
      `${path}: expected a report.json of analyze, compare or spectrum, or a history.json of train, of version ${String(REPORT_VERSION)}, got other content. Write it with --out.`,
    );
  }
  const series = json.epochs.flatMap(({ epoch, spectrum }): SpectrumSeries[] => {
    if (spectrum === undefined) return [];
    const score = spectrum.metrics['edjm-score'];
    const { normalizedSpectrum: values } = spectrum;
    return [{ label: `epoch ${String(epoch)}`, values, ...(score !== undefined && { score }) }];
  });
  if (series.length > 0) return { series };
  throw new EdjmError(
    'INVALID_FILE',
    `${path}: expected spectra of epochs, got a training without any. Train with --spectrum-every.`,
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isReport(json: unknown): json is Report {
  return v.is(report, json);
}

function areReports(json: unknown): json is { readonly reports: readonly Report[] } {
  return v.is(v.object({ reports: v.pipe(v.array(report), v.minLength(1)) }), json);
}

function isHistory(json: unknown): json is { readonly epochs: readonly EpochRecord[] } {
  return v.is(history, json);
}
