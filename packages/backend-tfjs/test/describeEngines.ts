import { describe } from 'vitest';
import type { TfjsEngine } from '../src/index.ts';
import { tryEngine } from '../src/engines/loadEngine.ts';

const isExtended = process.env['EDJM_TESTS'] === 'extended';

/** Engines that are tested in Node: the quick tests take those that come with the installation. */
export const enginesInNode: readonly TfjsEngine[] = isExtended
  ? ['tensorflow', 'wasm', 'cpu']
  : ['wasm', 'cpu'];

/** Under the switch of the extended tests, `tensorflow.extended.test.ts` runs the quick ones again, on the native engine alone. */
const chosen: readonly TfjsEngine[] = isExtended ? ['tensorflow'] : enginesInNode;

/** Why engines that do not load do not. */
const problems = new Map<TfjsEngine, string>();
for (const name of enginesInNode) {
  const loaded = await tryEngine(name);
  if ('problem' in loaded) problems.set(name, loaded.problem);
}

/** Defines tests for each engine; those of an engine that does not load are skipped, and say why. */
export function describeEngines(
  title: string,
  define: (engine: TfjsEngine) => void,
  engines: readonly TfjsEngine[] = chosen,
): void {
  for (const engine of engines) {
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
