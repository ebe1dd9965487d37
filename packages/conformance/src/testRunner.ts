/**
 * The two functions of a test runner that the kit uses: those of `node:test`, vitest, jest or mocha fit.
 *
 * @example
 * ```ts
 * import { describe, it } from 'node:test';
 * import type { TestRunner } from '@edjm/conformance';
 *
 * export const runner: TestRunner = { describe, it };
 * ```
 */
export interface TestRunner {
  /** Opens a named group; called with a synchronous body. */
  readonly describe: (name: string, body: () => void) => unknown;
  /** Defines a test, which fails if the promise that its body returns is rejected. */
  readonly it: {
    (name: string, body: () => Promise<void>): unknown;
    /** Defines a test that is reported as skipped. */
    readonly skip: (name: string, body: () => Promise<void>) => unknown;
  };
}
