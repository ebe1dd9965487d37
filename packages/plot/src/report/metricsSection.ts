import type { Report } from '@edjm/core';
import { type Html, html } from './html.ts';

/** The metrics of a network, and what null models give. */
export function metricsTable({ model, metrics, nullModels = [] }: Report): Html {
  const rows = Object.entries(metrics).map(([name, { value, interval, perOutput }]) => {
    const range = interval ? `${digits(interval.low)} … ${digits(interval.high)}` : '–';
    const nulls = nullModels.map((one) => (one.metrics[name] ?? []).map(digits).join(', ') || '–');
    const cells = [
      digits(value),
      range,
      perOutput ? digits(Math.min(...perOutput)) : '–',
      perOutput ? digits(Math.max(...perOutput)) : '–',
      ...nulls,
    ];
    return html`<tr>
      <th scope="row">${name}</th>
      ${cells.map((cell) => html`<td class="number">${cell}</td>`)}
    </tr>`;
  });
  const [level] = Object.values(metrics).flatMap(({ interval }) => interval?.level ?? []);
  const titles = [
    'metric',
    'mean over the outputs',
    level === undefined ? 'interval' : `${String(Number((100 * level).toPrecision(6)))} % interval`,
    'lowest output',
    'highest output',
    ...nullModels.map(({ kind }) => (kind === 'init' ? 'fresh weights' : 'permuted rows')),
  ];
  return html`<div class="wide" tabindex="0" role="region" aria-label="Metrics of ${model.name}">
    <table>
      <thead>
        <tr>
          ${titles.map((title) => html`<th scope="col">${title}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`;
}

/** Values that say little, and why. */
export function cautions({ metrics }: Report): readonly Html[] {
  return Object.entries(metrics).flatMap(([name, { caution }]) =>
    caution === undefined ? [] : [html`<p><strong>Read ${name} with care:</strong> ${caution}.</p>`],
  );
}

/** How each metric is read, once for all networks. */
export function readings(reports: readonly Report[]): Html {
  const metrics = new Map(reports.flatMap((report) => Object.entries(report.metrics)));
  return html`${[...metrics].map(
    ([name, { description, reading }]) =>
      html`<h3>${name}</h3>
        <p>${description}</p>
        ${
          reading
            ? html`<dl>
                <dt>Formula</dt>
                <dd>${reading.formula}</dd>
                <dt>Range</dt>
                <dd>${reading.range}</dd>
                <dt>High</dt>
                <dd>${reading.high}</dd>
                <dt>Low</dt>
                <dd>${reading.low}</dd>
              </dl>`
            : ''
        }`,
  )}`;
}

function digits(value: number): string {
  return value.toPrecision(5);
}
