import type { DenseMatrix, Metric, MetricContext, Need, Quantities } from '@edjm/core';
import { assert } from '../assertions.ts';
import { type ReferenceSpectrum, referenceSpectra } from '../reference/referenceSpectra.ts';
import type { TestRunner } from '../testRunner.ts';

const KEBAB_CASE = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

/**
 * Defines the tests that every metric must pass: a name and a description that a report can show, and on
 * {@link referenceSpectra} a finite number, the same each time, from nothing but the declared needs, which it leaves
 * as they are. The metric's own tests check the number itself.
 *
 * @example
 * ```ts
 * // spectralNorm.test.ts
 * import { testMetric } from '@edjm/conformance';
 * import type { Metric } from '@edjm/core';
 * import { describe, it } from 'node:test';
 *
 * const spectralNorm: Metric<'singularValues'> = {
 *   name: 'spectral-norm',
 *   description: 'largest singular value',
 *   needs: ['singularValues'],
 *   compute: ({ singularValues }) => singularValues[0] ?? 0,
 * };
 * testMetric(spectralNorm, { describe, it });
 * ```
 */
export function testMetric<N extends Need>(metric: Metric<N>, { describe, it }: TestRunner): void {
  const define = (title: string, check: () => void): void => {
    // A failure inside an async function rejects, as every runner expects.
    it(title, async () => {
      await Promise.resolve();
      check();
    });
  };

  describe(`metric ${metric.name}`, () => {
    define('describes itself', () => {
      checkDescription(metric);
    });
    for (const spectrum of referenceSpectra()) {
      define(`is finite and repeatable on ${spectrum.name}`, () => {
        checkValue(metric, spectrum);
      });
    }
  });
}

function checkDescription({ name, description, needs, options = {}, accuracy }: Metric): void {
  assert(KEBAB_CASE.test(name), `name: expected kebab case, such as 'stable-rank', got '${name}'`);
  assert(/^\S.*$/.test(description), `description: expected one line, got '${description}'`);
  const known = Object.keys(referenceSpectra()[0]?.quantities ?? {});
  assert(needs.length > 0, 'needs: expected at least one quantity, got none');
  assert(new Set(needs).size === needs.length, `needs: expected each once, got ${needs.join(', ')}`);
  for (const need of needs) {
    assert(known.includes(need), `needs: expected of ${known.join(', ')}, got ${need}`);
  }
  assert(
    accuracy === undefined || (accuracy > 0 && accuracy < 1),
    `accuracy: expected a fraction of the largest singular value, got ${String(accuracy)}`,
  );
  for (const [option, value] of Object.entries(options)) {
    assert(
      typeof value !== 'number' || Number.isFinite(value),
      `options.${option}: expected a value that JSON can hold, got ${String(value)}`,
    );
  }
}

function checkValue<N extends Need>(metric: Metric<N>, { quantities, context }: ReferenceSpectrum): void {
  const before = structuredClone(quantities);
  const value = compute(metric, quantities, context);
  assert(Number.isFinite(value), `expected a finite number, got ${value}`);
  assert(
    JSON.stringify(quantities) === JSON.stringify(before),
    'expected the quantities to be left as they were, got changed ones. Copy before you sort or scale.',
  );
  const second = compute(metric, quantities, context);
  assert(Object.is(value, second), `expected the same number again, ${value}, got ${second}`);
  checkLargest(metric, value, { quantities, context });
}

/** The values that the metric asks for must be enough. */
function checkLargest<N extends Need>(
  metric: Metric<N>,
  value: number,
  { quantities, context }: Pick<ReferenceSpectrum, 'quantities' | 'context'>,
): void {
  const total = Math.min(context.n, context.dIn);
  const count = metric.largest?.(total) ?? total;
  assert(
    Number.isInteger(count) && count >= 1 && count <= total,
    `largest: expected 1 to ${total} of ${total} values, got ${count}`,
  );
  const singularValues = quantities.singularValues.slice(0, count);
  const rightSingularVectors = firstRows(quantities.rightSingularVectors, count);
  const fromLargest = compute(metric, { ...quantities, singularValues, rightSingularVectors }, context);
  assert(
    Object.is(value, fromLargest),
    `expected ${value} from the ${count} largest of ${total} values, as from all, got ${fromLargest}`,
  );
}

function firstRows({ rows, columns, data }: DenseMatrix, count: number): DenseMatrix {
  return { rows: Math.min(rows, count), columns, data: data.slice(0, count * columns) };
}

/** Reading a quantity that was not asked for fails: in an analysis it may not be there. */
function compute<N extends Need>(metric: Metric<N>, quantities: Quantities, context: MetricContext): number {
  const declared: ReadonlySet<string | symbol> = new Set(metric.needs);
  const guarded = new Proxy(quantities, {
    get(target, key: string | symbol): unknown {
      assert(
        declared.has(key),
        `expected to read ${metric.needs.join(', ')} only, got a read of ${String(key)}`,
      );
      return Reflect.get(target, key);
    },
  });
  return metric.compute(guarded, context);
}
