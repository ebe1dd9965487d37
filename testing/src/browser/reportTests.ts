import type { Kit, TestRunner } from '../page/runTests.ts';

/**
 * Defines the tests of a kit that has run elsewhere, in a page: each is reported under its name, as its result says.
 *
 * @param results - of `runTests`; asked for when a test is run.
 */
export function reportTests(
  kit: Kit,
  { describe, it }: TestRunner,
  results: () => Readonly<Record<string, string>>,
): void {
  let groups: readonly string[] = [];
  const reported = (title: string): void => {
    const name = [...groups, title].join(' > ');
    it(title, async () => {
      const result = results()[name] ?? 'did not run';
      if (result !== 'passed') throw new Error(result);
    });
  };
  kit({
    describe: (title, body) => {
      const inside = [...groups, title];
      describe(title, () => {
        // Runners call a body now or later.
        const outside = groups;
        groups = inside;
        body();
        groups = outside;
      });
    },
    it: Object.assign(reported, { skip: it.skip }),
  });
}
