import type { KernelProblem } from './kernelProblem.ts';
import { pagesFor } from './kernels.ts';
import { type KernelWorker, startKernelWorker, type WorkerTask } from './kernelWorker.ts';
import { type SharedMemories, sharedMemories } from './sharedMemories.ts';

/** Threads that solve problems: several at once, one a thread, or one by all of them. */
export interface KernelThreads {
  solve(problem: KernelProblem): Promise<Float64Array>;
  dispose(): Promise<void>;
}

interface Waiting {
  readonly problem: KernelProblem;
  readonly resolve: (result: Float64Array) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Up to `count` threads, started when they are first needed.
 *
 * Problems are taken in the order in which they come. A problem for several threads gets as many as it can use, if memory
 * can be shared. A page that is not cross-origin isolated cannot post shared memory, so each problem is copied to one
 * thread there.
 */
export function kernelThreads(count: number): KernelThreads {
  let idle: KernelWorker[] = [];
  let started = 0;
  let waiting: Waiting[] = [];
  let disposed = false;
  const all = new Set<KernelWorker>();
  const shared = sharesMemory() ? sharedMemories() : undefined;

  const next = (): void => {
    for (let first = waiting[0]; first !== undefined; first = waiting[0]) {
      const wanted = shared ? Math.min(count, first.problem.threads) : 1;
      while (idle.length < wanted && started < count) start();
      if (idle.length < wanted) return;
      waiting.shift();
      void take(first, idle.splice(0, wanted));
    }
  };

  const start = (): void => {
    const worker = startKernelWorker();
    started++;
    all.add(worker);
    idle.push(worker);
  };

  const take = async (
    { problem, resolve, reject }: Waiting,
    workers: readonly KernelWorker[],
  ): Promise<void> => {
    try {
      resolve(await solveOn(problem, workers, shared));
      idle.push(...workers);
    } catch (error) {
      if (disposed) {
        reject(disposedMeanwhile());
        return;
      }
      // The others may wait forever for the thread that failed.
      for (const worker of workers) all.delete(worker);
      started -= workers.length;
      await Promise.all(workers.map((worker) => worker.terminate()));
      reject(error);
    }
    if (!disposed) next();
  };

  return {
    solve: (problem) =>
      new Promise((resolve, reject) => {
        if (disposed) throw new RangeError('expected a solver in use, got a disposed one. Make another.');
        waiting.push({ problem, resolve, reject });
        try {
          next();
        } catch (error) {
          waiting = waiting.filter((one) => one.resolve !== resolve);
          throw error;
        }
      }),
    async dispose() {
      disposed = true;
      const left = waiting;
      waiting = [];
      idle = [];
      for (const { reject } of left) reject(disposedMeanwhile());
      await Promise.all([...all].map((worker) => worker.terminate()));
      all.clear();
      shared?.clear();
    },
  };
}

function disposedMeanwhile(): RangeError {
  return new RangeError('expected a solver in use, got one that was disposed meanwhile.');
}

/** Whether memory can be shared with workers: always in Node, and in browsers on cross-origin isolated pages. */
function sharesMemory(): boolean {
  return Reflect.get(globalThis, 'crossOriginIsolated') !== false;
}

async function solveOn(
  problem: KernelProblem,
  workers: readonly KernelWorker[],
  shared: SharedMemories | undefined,
): Promise<Float64Array> {
  if (!shared || !problem.kernel.sharedMemory) return solveIn(copyOf(problem), problem, workers);
  const memory = shared.take(problem.bytes);
  problem.write(memory.buffer);
  const solution = await solveIn({ memory, transfer: [] }, problem, workers);
  // After a failure a thread may still be at work in it.
  shared.giveBack(memory);
  return solution;
}

async function solveIn(
  { memory, transfer }: Sent,
  problem: KernelProblem,
  workers: readonly KernelWorker[],
): Promise<Float64Array> {
  const { kernel, bytes, call, args, output } = problem;
  const results = await Promise.all(
    workers.map((worker, thread) =>
      worker.run(
        { module: kernel.module, memory, call, args: [...args, thread, workers.length], output },
        transfer,
      ),
    ),
  );
  const [first] = results;
  if (first === undefined) throw new RangeError(`expected a thread for ${bytes} bytes, got none.`);
  return problem.read(first.output, first.returned);
}

interface Sent {
  readonly memory: WorkerTask['memory'];
  readonly transfer: readonly ArrayBuffer[];
}

/** The beginning of the memory of a thread. */
function copyOf(problem: KernelProblem): Sent {
  const contents = new ArrayBuffer(problem.inputBytes);
  problem.write(contents);
  const memory = { pages: pagesFor(problem.bytes), shared: problem.kernel.sharedMemory, contents };
  return { memory, transfer: [contents] };
}
