import type { DifferentiableNetwork, LoadOptions } from '@edjm/core';
import type { Network } from '@edjm/network';
import type { Loaded } from './loaded.ts';
import { checkDerivatives, checkForward } from './checkAgreement.ts';
import { checkNarrowed } from './checkNarrowed.ts';
import {
  checkDefaultOutputKind,
  checkDescription,
  checkDeterminism,
  checkDisposal,
  checkOutputErrors,
  checkPatterns,
  checkReparameterized,
  checkSamplesApart,
  checkShapeErrors,
} from './checkContract.ts';
import { assertRefused } from '../assertions.ts';
import { type ReferenceCase, referenceCases } from '../reference/referenceCases.ts';
import type { TestRunner } from '../testRunner.ts';

/** The subject of the kit: a backend. */
export interface BackendUnderTest {
  /** For the names of the tests. */
  readonly name: string;
  /** Loads a network as data; a backend of another kind of source converts it first. */
  readonly load: (network: Network, options?: LoadOptions) => Promise<DifferentiableNetwork>;
  /**
   * Largest error, relative to the largest value of the matrix compared. Defaults to 1e-5 for a network of precision
   * `'float32'` and to 1e-8 for `'float64'`.
   */
  readonly tolerance?: number;
  /**
   * Loads a model of the backend's own format whose samples mix, such as one that subtracts the mean over the batch. The backend must refuse it, by
   * `checkIndependence` of `@edjm/core` say. Leave it out if the backend has no such models.
   */
  readonly loadMixing?: () => Promise<DifferentiableNetwork>;
  /** Reference cases that the backend cannot run, by name, each with the reason; they are reported as skipped. */
  readonly unsupported?: readonly { readonly case: string; readonly reason: string }[];
}

/** The case on which contracts are checked that do not depend on the layers. */
const CONTRACT_CASE = 'multilayer perceptron';

/**
 * Defines the tests that every backend must pass: agreement of all functions with a float64 oracle on
 * {@link referenceCases}, for one sample, a few, and one more than the preferred batch size; the adjoint identity;
 * networks that are narrowed to the values of an affine map; determinism; samples that do not mix; errors; disposal.
 *
 * @throws `Error` where `unsupported` names a case that does not exist.
 *
 * @example
 * ```ts
 * // backend.test.ts
 * import { cpuBackend } from '@edjm/backend-cpu';
 * import { testBackend } from '@edjm/conformance';
 * import { describe, it } from 'node:test';
 *
 * const backend = cpuBackend();
 * testBackend({ name: 'cpu', load: (...source) => backend.load(...source) }, { describe, it });
 * ```
 */
export function testBackend(subject: BackendUnderTest, { describe, it }: TestRunner): void {
  const cases = referenceCases();
  const reasons = new Map(subject.unsupported?.map((entry) => [entry.case, entry.reason]));
  checkNames(cases, [...reasons.keys()]);

  describe(`backend ${subject.name}`, () => {
    for (const reference of cases) {
      const define = (title: string, check: Check): void => {
        const reason = reasons.get(reference.name);
        if (reason !== undefined) it.skip(`${title} (not supported: ${reason})`, () => Promise.resolve());
        else it(title, () => withNetwork(subject, reference, check));
      };
      describe(reference.name, () => {
        define('gives the outputs of the oracle', checkForward);
        define(
          'gives the derivatives of the oracle: vjp and rows, jvp and gram if present',
          checkDerivatives,
        );
        define('gives those rows behind an affine map, if it is narrowed to one', checkNarrowed);
        if (reference.name !== CONTRACT_CASE) return;
        define('describes itself', checkDescription);
        define('repeats its numbers', checkDeterminism);
        define('keeps samples apart', checkSamplesApart);
        define('loads with other parameters, if it can', checkReparameterized);
        define('tells activation patterns, if it can', checkPatterns);
        define('refuses matrices of the wrong shape', checkShapeErrors);
        define('refuses outputs that do not exist', checkOutputErrors);
        define('is disposed of once and for all', checkDisposal);
      });
    }
    it('differentiates logits unless told otherwise', () => checkDefaultOutputKind(subject.load));
    const { loadMixing } = subject;
    if (loadMixing) {
      it('refuses a model whose samples mix', () => assertRefused(loadMixing, 'load', 'UNSUPPORTED'));
    }
  });
}

type Check = (loaded: Loaded) => Promise<void>;

async function withNetwork(subject: BackendUnderTest, reference: ReferenceCase, check: Check): Promise<void> {
  const network = await subject.load(reference.network, { outputKind: reference.outputKind });
  try {
    const tolerance = subject.tolerance ?? (network.precision === 'float64' ? 1e-8 : 1e-5);
    await check({ network, reference, tolerance });
  } finally {
    await network.dispose();
  }
}

function checkNames(cases: readonly ReferenceCase[], unsupported: readonly string[]): void {
  for (const name of unsupported) {
    if (!cases.some((reference) => reference.name === name)) {
      throw new Error(`expected 'unsupported' to name reference cases, got '${name}'. See referenceCases().`);
    }
  }
}
