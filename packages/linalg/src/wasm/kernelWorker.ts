import type { WebAssemblyMemory, WebAssemblyModule } from './webAssembly.ts';

/** One call of a kernel's function, as a worker is sent it. */
export interface WorkerTask {
  readonly module: WebAssemblyModule;
  /** A shared memory with the problem, or a copy of the bytes that the memory must begin with. */
  readonly memory:
    WebAssemblyMemory | { readonly pages: number; readonly shared: boolean; readonly contents: ArrayBuffer };
  readonly call: string;
  readonly args: readonly number[];
  /** The part of the memory to send back. */
  readonly output: { readonly at: number; readonly bytes: number };
}

/** The result. */
export interface WorkerResult {
  readonly returned: number;
  readonly output: ArrayBuffer;
}

/** A thread that makes the calls it is sent, one at a time. */
export interface KernelWorker {
  /** Sends a call, and gives its output. Rejects if the call fails or the thread dies. */
  run(task: WorkerTask, transfer: readonly ArrayBuffer[]): Promise<WorkerResult>;
  terminate(): Promise<void>;
}

/**
 * The program of a worker, as text, so that neither bundlers nor browsers need a further file: it instantiates the module
 * with a memory, calls the function, and sends back the output.
 */
const calls = `
const perform = ({ module, memory, call, args, output }) => {
  if ('contents' in memory) {
    const { pages, shared, contents } = memory;
    memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared });
    new Uint8Array(memory.buffer).set(new Uint8Array(contents));
  }
  const returned = new WebAssembly.Instance(module, { env: { memory } }).exports[call](...args);
  return { returned, output: new Uint8Array(memory.buffer, output.at, output.bytes).slice().buffer };
};
const answer = (task, send) => {
  try {
    const result = perform(task);
    send({ result }, [result.output]);
  } catch (error) {
    send({ error: String(error) }, []);
  }
};`;

const inNode = `${calls}
const { parentPort } = require('node:worker_threads');
parentPort.on('message', (task) => answer(task, (reply, transfer) => parentPort.postMessage(reply, transfer)));`;

const inBrowsers = `${calls}
onmessage = ({ data }) => answer(data, (reply, transfer) => postMessage(reply, transfer));`;

type Reply = { readonly result: WorkerResult } | { readonly error: string };

/** Starts a thread: of Node, if the program runs there, else a Web Worker. It does not keep the program running. */
export function startKernelWorker(): KernelWorker {
  return typeof process === 'object' && typeof process.getBuiltinModule === 'function'
    ? startNodeWorker()
    : startWebWorker();
}

function startNodeWorker(): KernelWorker {
  const { Worker } = process.getBuiltinModule('node:worker_threads');
  // Without the options of the program: loaders for its sources are of no use to this one.
  const worker = new Worker(inNode, {
    eval: true,
    execArgv: [],
    stdin: false,
    // Its JavaScript is a few lines. By default, Node reserves some 800 MB of addresses for the code of a thread.
    resourceLimits: { codeRangeSizeMb: 16 },
  });
  const pending = pendingReply();
  worker.on('message', pending.reply);
  worker.on('error', (error) => {
    pending.fail(error instanceof Error ? error.message : String(error));
  });
  worker.on('exit', (code) => {
    pending.fail(`it ended with code ${code}`);
  });
  worker.unref();
  return {
    async run(task, transfer) {
      worker.ref();
      try {
        return await pending.send(() => {
          worker.postMessage(task, transfer);
        });
      } finally {
        worker.unref();
      }
    },
    async terminate() {
      await worker.terminate();
    },
  };
}

/** The used part of a Web Worker: its types are part of TypeScript's library for browsers alone. */
interface WebWorker {
  postMessage(message: unknown, transfer: readonly ArrayBuffer[]): void;
  terminate(): void;
  onmessage: (event: { readonly data: Reply }) => void;
  onerror: (event: { readonly message?: string }) => void;
}

function startWebWorker(): KernelWorker {
  const Worker = Reflect.get(globalThis, 'Worker') as (new (address: string) => WebWorker) | undefined;
  if (Worker === undefined) {
    throw new RangeError('expected threads, got none. Use inThisThread, which needs none.');
  }
  const address = URL.createObjectURL(new Blob([inBrowsers], { type: 'text/javascript' }));
  const worker = new Worker(address);
  const pending = pendingReply();
  worker.onmessage = ({ data }) => {
    pending.reply(data);
  };
  worker.onerror = ({ message = 'it could not be started' }) => {
    pending.fail(message);
  };
  return {
    run: (task, transfer) =>
      pending.send(() => {
        worker.postMessage(task, transfer);
      }),
    async terminate() {
      worker.terminate();
      URL.revokeObjectURL(address);
      pending.fail('it was terminated');
    },
  };
}

/** The one reply that a worker owes. */
function pendingReply(): {
  readonly send: (post: () => void) => Promise<WorkerResult>;
  readonly reply: (message: Reply) => void;
  readonly fail: (reason: string) => void;
} {
  let settle: ((message: Reply) => void) | undefined;
  let dead: string | undefined;
  const reply = (message: Reply): void => {
    settle?.(message);
    settle = undefined;
  };
  return {
    reply,
    fail(reason) {
      dead ??= reason;
      reply({ error: reason });
    },
    send: (post) =>
      new Promise((resolve, reject) => {
        settle = (message) => {
          if ('result' in message) resolve(message.result);
          else
            reject(
              new RangeError(
                `expected a thread to solve a problem, got: ${message.error}. Use inThisThread.`,
              ),
            );
        };
        if (dead === undefined) post();
        else reply({ error: dead });
      }),
  };
}
