/** The two functions of a test runner that kits of tests use. */
export interface TestRunner {
  readonly describe: (name: string, body: () => void) => void;
  readonly it: {
    (name: string, body: () => Promise<void>): void;
    readonly skip: (name: string, body: () => Promise<void>) => void;
  };
}

/** Defines tests with a runner. */
export type Kit = (runner: TestRunner) => void;

/**
 * Runs the tests of a kit one after the other, but those that it skips; says of each by its full name, `group > test`, whether it
 * passed, and if not, why.
 */
export async function runTests(kit: Kit): Promise<Record<string, string>> {
  const tests: { readonly name: string; readonly body: () => Promise<void> }[] = [];
  const groups: string[] = [];
  const it = (title: string, body: () => Promise<void>): void => {
    tests.push({ name: [...groups, title].join(' > '), body });
  };
  kit({
    describe: (title, body) => {
      groups.push(title);
      body();
      groups.pop();
    },
    it: Object.assign(it, { skip: () => undefined }),
  });
  const results: Record<string, string> = {};
  for (const { name, body } of tests) {
    results[name] = await body().then(
      () => 'passed',
      (error: unknown) => String(error),
    );
  }
  return results;
}
