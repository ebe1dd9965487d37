import { describe, expect, it } from 'vitest';
import { reportTests } from '../src/index.ts';
import { type Kit, runTests } from '../src/page/index.ts';

const kit: Kit = (runner) => {
  runner.describe('outer', () => {
    runner.describe('inner', () => {
      runner.it('passes', () => Promise.resolve());
      runner.it('fails', () => Promise.reject(new Error('reason')));
      runner.it.skip('is skipped', () => Promise.reject(new Error('ran')));
    });
    runner.it('passes', () => Promise.resolve());
  });
};
const results = {
  'outer > inner > passes': 'passed',
  'outer > inner > fails': 'Error: reason',
  'outer > passes': 'passed',
};

describe('runTests', () => {
  it('says of each test by its full name whether it passed', async () => {
    expect(await runTests(kit)).toEqual(results);
  });
});

/** A runner that keeps the tests; it calls the bodies of groups at once, or later as vitest does. */
async function reported(isLate: boolean): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  const tests: (() => Promise<void>)[] = [];
  const late: (() => void)[] = [];
  let path = '';
  const keep = (title: string, body: () => Promise<void>) => {
    const name = `${path}${title}`;
    tests.push(async () => {
      found[name] = await body().then(
        () => 'passed',
        (error: unknown) => String(error),
      );
    });
  };
  const skip = (title: string) => {
    found[`${path}${title}`] = 'skipped';
  };
  const group = (title: string, body: () => void) => {
    const inside = `${path}${title} > `;
    const run = () => {
      const outside = path;
      path = inside;
      body();
      path = outside;
    };
    if (isLate) late.push(run);
    else run();
  };
  reportTests(kit, { describe: group, it: Object.assign(keep, { skip }) }, () => results);
  for (const run of late) run();
  for (const test of tests) await test();
  return found;
}

describe.each([false, true])('reportTests, with bodies of groups called later: %s', (isLate) => {
  it('defines the tests of the kit, which pass and fail as the results say', async () => {
    expect(await reported(isLate)).toEqual({
      'outer > inner > passes': 'passed',
      'outer > inner > fails': 'Error: Error: reason',
      'outer > inner > is skipped': 'skipped',
      'outer > passes': 'passed',
    });
  });
});

describe('the runner of this test', () => {
  reportTests(
    (runner) => {
      runner.describe('a', () => {
        runner.describe('b', () => {
          runner.it('is found under its full name', () => Promise.reject(new Error('ran here')));
        });
      });
    },
    { describe, it },
    () => ({ 'a > b > is found under its full name': 'passed' }),
  );
});
