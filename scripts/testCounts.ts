import { appendFileSync } from 'node:fs';
import type { Reporter, TestCase } from 'vitest/node';

/**
 * Says after a run how many tests passed, failed and were skipped, and why they were skipped. It appends the line of counts to the file that
 * `EDJM_TEST_COUNTS` names, if it names one.
 *
 * @param title - stands in front of the counts.
 */
export function testCounts(title: string): Reporter {
  return {
    onTestRunEnd(files) {
      const tests = files.flatMap((file) => [...file.children.allTests()]);
      const inState = (state: string) => tests.filter((test) => test.result().state === state);
      const skipped = inState('skipped');
      const reasons = new Map<string, number>();
      for (const reason of skipped.map(reasonOf)) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
      for (const [reason, count] of reasons) console.log(` ${count} skipped: ${reason}`);

      const broken = files.filter((file) => file.errors().length > 0).length;
      const counts = [
        `${inState('passed').length} passed`,
        `${inState('failed').length} failed`,
        `${skipped.length} skipped`,
        ...(broken > 0 ? [`${broken} files that do not load`] : []),
      ];
      const line = `${title}: ${counts.join(', ')}`;
      console.log(` ${line}\n`);
      const summary = process.env['EDJM_TEST_COUNTS'];
      if (summary !== undefined) appendFileSync(summary, `${line}\n`);
    },
  };
}

/** The note that the test was skipped with, or else the name of the outermost group that is skipped as a whole, which says it. */
function reasonOf(test: TestCase): string {
  const result = test.result();
  if (result.state === 'skipped' && result.note !== undefined) return result.note;
  let reason = test.name;
  for (let { parent } = test; parent.type === 'suite'; { parent } = parent) {
    if (parent.options.mode === 'skip') reason = parent.name;
  }
  return reason;
}
