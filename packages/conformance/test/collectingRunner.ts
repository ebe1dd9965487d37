import type { TestRunner } from '../src/index.ts';

/** The outcome of one test. */
export interface Outcome {
  /** The names of its groups and its own, joined by ` > `. */
  readonly title: string;
  readonly result: 'passed' | 'skipped' | Error;
}

/** Runs what `define` defines, as far as the title holds `filter`, and tells what became of it. */
export async function outcomesOf(
  define: (runner: TestRunner) => void,
  filter = '',
): Promise<readonly Outcome[]> {
  const groups: string[] = [];
  const tests: { title: string; body?: () => Promise<void> }[] = [];
  const title = (name: string): string => [...groups, name].join(' > ');
  const it = Object.assign(
    (name: string, body: () => Promise<void>) => tests.push({ title: title(name), body }),
    { skip: (name: string) => tests.push({ title: title(name) }) },
  );
  const describe = (name: string, body: () => void): void => {
    groups.push(name);
    body();
    groups.pop();
  };
  define({ describe, it });
  return Promise.all(
    tests
      .filter(({ title }) => title.includes(filter))
      .map(async ({ title, body }): Promise<Outcome> => {
        if (!body) return { title, result: 'skipped' };
        return body().then(
          () => ({ title, result: 'passed' }),
          (error: unknown) => ({ title, result: error as Error }),
        );
      }),
  );
}

/** Messages of the tests that failed, by title. */
export function failures(outcomes: readonly Outcome[]): Record<string, string> {
  return Object.fromEntries(
    outcomes.flatMap(({ title, result }) => (result instanceof Error ? [[title, result.message]] : [])),
  );
}
