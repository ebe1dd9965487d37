import { builtinMetrics } from '@edjm/metrics';
import type { Shell } from '../commandLine/shell.ts';
import { allMetrics, builtin } from '../metrics/builtinMetrics.ts';
import { colorsOf } from '../output/colors.ts';
import { wrapped } from '../output/wrapped.ts';

/** `edjm metrics`: what can be computed, and how to read it. */
export function metricsCommand({ json = false }: { readonly json?: boolean }, { stdout }: Shell): void {
  const usual = new Set(builtinMetrics().map(({ name }) => name));
  const all = allMetrics.map(({ name, description, reading }) => ({
    name,
    default: usual.has(name),
    description,
    ...reading,
    options: builtin.get(name)?.options ?? [],
  }));
  if (json) {
    stdout.write(`${JSON.stringify({ metrics: all }, undefined, 2)}\n`);
    return;
  }
  const color = colorsOf(stdout);
  const width = Math.min(stdout.columns ?? 100, 120);
  const text = all.map((metric) => {
    const { name, description, formula, range, high, low, source, options } = metric;
    return [
      `${color.bold(name)}${metric.default ? '' : ' (on request)'}`,
      ...[
        `${description}: ${formula ?? ''}`,
        `range: ${range ?? ''}`,
        `high: ${high ?? ''}`,
        `low: ${low ?? ''}`,
        ...(options.length > 0 ? [`options: ${options.join(', ')}`] : []),
        ...(source === undefined ? [] : [`source: ${source}`]),
      ].map((line) => wrapped(line, { width, indent: 2 })),
    ].join('\n');
  });
  stdout.write(
    `${text.join('\n\n')}\n\n${wrapped('Ask for one by --metric NAME, with options by --metric NAME:option=value. A metric of your own is a file, or a package that package.json of this folder lists.', { width, indent: 0 })}\n`,
  );
}
