/** What runs in the page: it sets functions that the tests call. */
import { inThisThread, threadedSolver } from '../../src/index.ts';
import { problems } from './problems.ts';

/** Values of each problem, by this thread and by worker threads. */
async function spectra(): Promise<{ here: number[][]; threaded: number[][] }> {
  await using threads = threadedSolver({ threads: 2 });
  const [here, threaded] = await Promise.all(
    [inThisThread, threads].map((solver) => Promise.all(problems.map(({ solve }) => solve(solver)))),
  );
  if (here === undefined || threaded === undefined) throw new Error('expected both');
  return {
    here: here.map((values) => Array.from(values)),
    threaded: threaded.map((values) => Array.from(values)),
  };
}

/** The error of a matrix that cannot be solved. */
async function refusal(): Promise<string> {
  await using threads = threadedSolver({ threads: 1 });
  const matrix = { order: 1, entries: new Float64Array(10).fill(NaN) };
  return await threads.symmetricEigenvalues(matrix).then(
    () => 'none',
    (error: unknown) => String(error),
  );
}

const isolated = (): boolean => Reflect.get(globalThis, 'crossOriginIsolated') === true;

const functions = { spectra, refusal, isolated };
Object.assign(globalThis, functions);

/** What the page has in its global scope. */
export type PageFunctions = typeof functions;
