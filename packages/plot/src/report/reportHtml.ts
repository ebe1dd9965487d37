import type { Report } from '@edjm/core';
import { Html, html } from './html.ts';
import { cautions, metricsTable, readings } from './metricsSection.ts';
import { style } from './style.ts';

/** Options of `reportHtml`. */
export interface ReportHtmlOptions {
  /** An SVG element as this package draws it, trusted as it is; defaults to no picture. */
  readonly picture?: string | undefined;
}

/**
 * Writes reports as one HTML document, which needs nothing besides: no script, no network. Names from files are escaped.
 *
 * @example
 * ```ts
 * import type { Report } from '@edjm/core';
 * import { reportHtml } from '@edjm/plot';
 *
 * declare const report: Report;
 * console.log(reportHtml([report]).startsWith('<!doctype html>')); // true
 * ```
 */
export function reportHtml(reports: readonly Report[], { picture }: ReportHtmlOptions = {}): string {
  const title = `EDJM spectra of ${reports.map(({ model }) => model.name).join(', ')}`;
  const document = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'" />
        <title>${title}</title>
        <style>
          ${new Html(style)}
        </style>
      </head>
      <body>
        <main>
          <h1>${title}</h1>
          ${picture === undefined ? '' : html`<figure tabindex="0" aria-label="Normalized singular values against their index">${new Html(picture)}</figure>`}
          ${reports.map(network)}
          <h2>How to read the metrics</h2>
          ${readings(reports)}
        </main>
      </body>
    </html> `;
  return document.text;
}

function network(report: Report): Html {
  return html`<section>
    <h2>${report.model.name}</h2>
    <p>${headline(report)}</p>
    ${metricsTable(report)}${cautions(report)}${kinks(report)}
    <h3>Data, options and versions</h3>
    <dl>
      ${facts(report).map(
        ([name, value]) =>
          html`<dt>${name}</dt>
            <dd>${value}</dd>`,
      )}
    </dl>
  </section>`;
}

function headline({ data, dIn, outputs, outputKind, head, method, precision }: Report): string {
  const transform = data.transform === undefined ? '' : ` as ${data.transform}`;
  const end =
    head === undefined || head.kind === 'none' ? '' : ` The network ends in ${head.at ?? head.kind}.`;
  return `Analyzed on n = ${data.n.toLocaleString('en')} points of ${data.name}${transform}, with d_in = ${dIn.toLocaleString('en')} inputs and ${String(outputs.length)} outputs (${outputKind}).${end} The engine gave ${precision} rows; the method is ${method}.`;
}

function kinks({ nearKinks, data }: Report): Html | string {
  if (nearKinks === undefined || nearKinks.n === 0) return '';
  const more = nearKinks.n > nearKinks.samples.length ? ', …' : '';
  return html`<p>
    ${nearKinks.n.toLocaleString('en')} of ${data.n.toLocaleString('en')} samples have a unit or pooling
    window within rounding of its kink (samples ${nearKinks.samples.join(', ')}${more}, from 0).
  </p>`;
}

function facts({ model, data, environment, options = {}, batchSize, seconds }: Report): [string, string][] {
  return [
    ['SHA-256 of the model', model.sha256],
    ...(model.files ?? []).map(({ name, sha256 }): [string, string] => [`SHA-256 of ${name}`, sha256]),
    ['SHA-256 of the data', data.sha256],
    ['batch size', String(batchSize)],
    ['seconds', seconds.toFixed(1)],
    ...Object.entries(options).map(([name, value]): [string, string] => [
      `option ${name}`,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
    ...Object.entries(environment),
  ];
}
