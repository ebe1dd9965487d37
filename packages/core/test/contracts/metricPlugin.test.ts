import { describe, expect, it } from 'vitest';
import { METRIC_PACKAGE_PREFIX, metricFromModule, type Metric } from '../../src/index.ts';

const metric: Metric<never> = { name: 'one', description: 'always one', needs: [], compute: () => 1 };

describe('metricFromModule', () => {
  it('finds a metric, or a function that makes one', () => {
    expect(metricFromModule({ metric }, 'edjm-metric-one')).toBe(metric);
    expect(metricFromModule({ metric: () => metric, other: 1 }, 'edjm-metric-one')).toBe(metric);
  });

  it('takes a metric whose fields are inherited', () => {
    class One implements Metric<never> {
      readonly name = 'one';
      readonly description = 'always one';
      readonly needs = [];
      compute(): number {
        return 1;
      }
    }
    const one = new One();
    expect(metricFromModule({ metric: one }, 'edjm-metric-one')).toBe(one);
  });

  it.each([
    ['no export of that name', { default: metric }, 'none'],
    ['nothing', { metric: undefined }, 'none'],
    ['null', { metric: null }, 'none'],
    ['a text', { metric: 'one' }, 'string'],
    ['a function that makes none', { metric: () => 1 }, 'number'],
    ['a metric without a name', { metric: { ...metric, name: 1 } }, 'one without a valid name'],
    [
      'a metric whose needs are no list',
      { metric: { ...metric, needs: 'gram' } },
      'one without a valid needs',
    ],
    ['a metric whose needs are no texts', { metric: { ...metric, needs: [1] } }, 'one without a valid needs'],
    ['an empty object', { metric: {} }, 'one without a valid name, description, needs, compute'],
  ])('refuses %s', (_, module, got) => {
    expect(() => metricFromModule(module, 'my-metric.js')).toThrow(
      expect.objectContaining({
        code: 'INVALID_FILE',
        message: `my-metric.js: expected an export 'metric' with name, description, needs and compute or observe, got ${got}. See the guide to metrics.`,
      }) as Error,
    );
  });
});

describe('METRIC_PACKAGE_PREFIX', () => {
  it('is what the guide tells', () => {
    expect(METRIC_PACKAGE_PREFIX).toBe('edjm-metric-');
  });
});
