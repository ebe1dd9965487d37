import { coveredOperators } from '@edjm/onnx-autodiff';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gradientPoint } from './gradientPoint.ts';
import { checkAdjoint, checkForward, grounded, tolerances } from './randomGraphs/checks.ts';
import {
  describeGraph,
  drawGraph,
  operatorsOf,
  plansEndingWith,
  plansFor,
  recipeNames,
  recipesFor,
  throughFile,
  type Plan,
  type Purpose,
} from './randomGraphs/randomGraph.ts';
import { checkVjp, type Point } from './vjpCheck.ts';

/** EDJM_RANDOM_SEED and EDJM_RANDOM_RUNS try other graphs, and as many times more of them. */
const DAILY_SEED = 20160619;
const seed = Number(process.env['EDJM_RANDOM_SEED'] ?? DAILY_SEED);
const factor = Number(process.env['EDJM_RANDOM_RUNS'] ?? 1);
const timeout = 60_000 * factor;

/** Graphs of a day: those that end with each recipe, any, and those whose gradients are differentiated again. */
const [EACH, ANY, TWICE] = [4, 100, 40];

/** Operators that no random graph has, each with why. */
const leftOut: Readonly<Record<string, string>> = {
  'com.microsoft.GroupQueryAttention': 'the engine takes no heads that are small enough',
  ConvInteger: 'of integers throughout',
  DynamicQuantizeLinear: 'no derivative goes through it, and its steps are of any width',
  MatMulInteger: 'of integers throughout',
  QLinearConv: 'of integers throughout',
  QLinearMatMul: 'of integers throughout',
  QuantizeLinear: 'no derivative goes through it',
  Scatter: 'not in operator sets from 11 on',
  Upsample: 'not in operator sets from 10 on',
};

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
const differentiated = recipeNames.map((recipe) => [recipe, firstFor(recipe, toDifferentiate)!] as const);

describe('graphs that end with', () => {
  it.each(forwards)(
    '%s give what the engine gives for them as they stand',
    (recipe, purpose) =>
      checkGraphs(plansEndingWith(recipe, purpose), purpose, { runs: EACH, check: forward(purpose) }),
    timeout,
  );

  it.each(differentiated)(
    '%s have derivatives that agree with differences, and adjoint products',
    (recipe, purpose) =>
      checkGraphs(plansEndingWith(recipe, purpose), purpose, { runs: EACH, check: derivatives(purpose) }),
    timeout,
  );

  it('some operator cover all that have a rule but those that are left out', () => {
    const drawn = new Set(
      differentiated.flatMap(([recipe, purpose]) =>
        fc
          .sample(plansEndingWith(recipe, purpose), { seed: DAILY_SEED, numRuns: EACH })
          .flatMap((plan) => [...operatorsOf(drawGraph(plan, purpose.precision).graph)]),
      ),
    );
    const missing = [...coveredOperators.keys()].filter((operator) => !drawn.has(operator));
    expect(missing.sort()).toEqual(Object.keys(leftOut).sort());
  });
});

describe('random graphs', () => {
  it.each(asTheyStand)(
    'give what the engine gives for them as they stand, in $precision',
    (purpose) => checkGraphs(plansFor(purpose), purpose, { runs: ANY, check: forward(purpose) }),
    timeout,
  );

  it.each(toDifferentiate)(
    'have derivatives that agree with differences, and adjoint products, in $precision',
    (purpose) => checkGraphs(plansFor(purpose), purpose, { runs: ANY, check: derivatives(purpose) }),
    timeout,
  );

  it(
    'have gradients whose derivatives agree with differences',
    () => {
      const purpose = { precision: 'float64' } as const;
      const check: Check = (point) =>
        checkVjp(grounded(gradientPoint(point)), tolerances.float64.derivatives);
      return checkGraphs(plansFor(purpose), purpose, { runs: TWICE, check });
    },
    timeout,
  );
});
