import fc from 'fast-check';
import { describe, it } from 'vitest';
import { gradientPoint } from '../../support/gradientPoint.ts';
import { checkAdjoint, checkForward, grounded, tolerances } from './checks.ts';
import {
  describeGraph,
  drawGraph,
  plansEndingWith,
  plansFor,
  recipeNames,
  recipesFor,
  throughFile,
  type Plan,
  type Purpose,
} from './randomGraph.ts';
import { checkVjp, type Point } from '../../support/vjpCheck.ts';

/** EDJM_RANDOM_SEED and EDJM_RANDOM_RUNS try other graphs, and as many times more of them. */
export const DAILY_SEED = 20160619;
const seed = Number(process.env['EDJM_RANDOM_SEED'] ?? DAILY_SEED);
const factor = Number(process.env['EDJM_RANDOM_RUNS'] ?? 1);
const timeout = 60_000 * factor;

const asTheyStand: readonly Purpose[] = [
  { precision: 'float64', asTheyStand: true },
  { precision: 'float32', asTheyStand: true },
];
const toDifferentiate: readonly Purpose[] = [{ precision: 'float64' }, { precision: 'float32' }];

type Check = (point: Point) => Promise<void>;

/** Checks a property of random graphs; where one fails, the simplest that does is written out. */
async function checkGraphs(
  plans: fc.Arbitrary<Plan>,
  { precision }: Purpose,
  { runs, check }: { readonly runs: number; readonly check: Check },
): Promise<void> {
  const property = fc.asyncProperty(plans, async (plan) => {
    const point = drawGraph(plan, precision);
    try {
      await check(point);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      throw new Error(`${message}\n  ${describeGraph(point)}`, { cause: error });
    }
  });
  await fc.assert(property, { seed, numRuns: runs * factor });
}

const forward =
  ({ precision }: Purpose): Check =>
  (point) =>
    checkForward(point, tolerances[precision].values);

const derivatives =
  ({ precision }: Purpose): Check =>
  async (point) => {
    await checkVjp(throughFile(grounded(point)), tolerances[precision].derivatives);
    await checkAdjoint(point, tolerances[precision].identity);
  };

/** The first of some purposes that allows a recipe: float64 where the engine has the kernels. */
const firstFor = (recipe: string, purposes: readonly Purpose[]) =>
  purposes.find((purpose) => recipesFor(purpose).includes(recipe));

const forwards = recipeNames.flatMap((recipe) => {
  const purpose = firstFor(recipe, asTheyStand);
  return purpose === undefined ? [] : [[recipe, purpose] as const];
});
export const differentiated = recipeNames.map(
  (recipe) => [recipe, firstFor(recipe, toDifferentiate)!] as const,
);

/** How many graphs are drawn. */
export interface GraphCounts {
  /** For each recipe, graphs that end with it. */
  readonly each: number;
  /** Graphs of any kind. */
  readonly any: number;
  /** Graphs whose gradients are differentiated again. */
  readonly twice: number;
}

/** Defines tests of random graphs: their values, their derivatives, and the derivatives of their gradients. */
export function testGraphs(counts: GraphCounts): void {
  describe('graphs that end with', () => {
    it.each(forwards)(
      '%s give what the engine gives for them as they stand',
      (recipe, purpose) =>
        checkGraphs(plansEndingWith(recipe, purpose), purpose, {
          runs: counts.each,
          check: forward(purpose),
        }),
      timeout,
    );

    it.each(differentiated)(
      '%s have derivatives that agree with differences, and adjoint products',
      (recipe, purpose) =>
        checkGraphs(plansEndingWith(recipe, purpose), purpose, {
          runs: counts.each,
          check: derivatives(purpose),
        }),
      timeout,
    );
  });

  describe('random graphs', () => {
    it.each(asTheyStand)(
      'give what the engine gives for them as they stand, in $precision',
      (purpose) => checkGraphs(plansFor(purpose), purpose, { runs: counts.any, check: forward(purpose) }),
      timeout,
    );

    it.each(toDifferentiate)(
      'have derivatives that agree with differences, and adjoint products, in $precision',
      (purpose) => checkGraphs(plansFor(purpose), purpose, { runs: counts.any, check: derivatives(purpose) }),
      timeout,
    );

    it(
      'have gradients whose derivatives agree with differences',
      () => {
        const purpose = { precision: 'float64' } as const;
        const check: Check = (point) =>
          checkVjp(grounded(gradientPoint(point)), tolerances.float64.derivatives);
        return checkGraphs(plansFor(purpose), purpose, { runs: counts.twice, check });
      },
      timeout,
    );
  });
}
