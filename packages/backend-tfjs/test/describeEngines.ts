import { describe } from 'vitest';
import type { TfjsEngine } from '../src/index.ts';
import { tryEngine } from '../src/engines/loadEngine.ts';

/** Engines that are tested in Node. */
const inNode: readonly TfjsEngine[] = ['tensorflow', 'wasm', 'cpu'];

const problems = new Map<TfjsEngine, string>();
for (const name of inNode) {
  const loaded = await tryEngine(name);
  if ('problem' in loaded) problems.set(name, loaded.problem);
}

/** Defines tests for every engine that there is in Node; those of one that does not load are skipped, and say why. */
export function describeEngines(title: string, define: (engine: TfjsEngine) => void): void {
  for (const engine of inNode) {
    const problem = problems.get(engine);
    const name = `${title}, ${engine}`;
    if (problem === undefined) {
      describe(name, () => {
        define(engine);
      });
    } else {
      describe.skip(`${name} (skipped: ${problem})`, () => {
        define(engine);
      });
    }
  }
}
