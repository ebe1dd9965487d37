import type { TestRunner } from './page/runTests.ts';

/**
 * A runner that defines a part of a kit: of the tests and groups that its outermost group holds, those that are chosen, whole.
 *
 * @param isChosen - by title.
 */
export function partOf({ describe, it }: TestRunner, isChosen: (title: string) => boolean): TestRunner {
  let depth = 0;
  const isLeftOut = (title: string) => depth === 1 && !isChosen(title);
  const defined =
    (define: TestRunner['it']['skip']): TestRunner['it']['skip'] =>
    (title, body) => {
      if (!isLeftOut(title)) define(title, body);
    };
  return {
    describe: (title, body) => {
      if (isLeftOut(title)) return;
      const inside = depth + 1;
      describe(title, () => {
        // Runners call a body now or later.
        const outside = depth;
        depth = inside;
        body();
        depth = outside;
      });
    },
    it: Object.assign(defined(it), { skip: defined(it.skip) }),
  };
}
