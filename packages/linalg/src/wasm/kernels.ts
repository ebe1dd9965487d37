import { webAssembly, type WebAssemblyMemory, type WebAssemblyModule } from './webAssembly.ts';

/** The bytes of a WebAssembly page: sizes of memories are counted in them. */
const PAGE = 65_536;

/** Memories up to this size are kept for the next use; larger ones are let go. */
const KEPT_BYTES = 2 ** 25;

/** A WebAssembly module, compiled when it is first used. */
export interface Kernel<Exports extends object> {
  /** The compiled module, as workers are given it. */
  readonly module: WebAssemblyModule;
  /** Whether its memory is one that threads may share. */
  readonly sharedMemory: boolean;
  /**
   * Calls a function with the module's exports and a memory of at least that many bytes, whose contents are arbitrary.
   *
   * Neither may be kept past the call; large memories are released after the call.
   */
  run<Result>(
    bytes: number,
    use: (exports: Exports, buffer: ArrayBuffer | SharedArrayBuffer) => Result,
  ): Result;
}

/** How a module wants its memory. */
export interface KernelOptions {
  /** Whether the module was compiled for a memory that threads may share. */
  readonly sharedMemory?: boolean;
}

/**
 * A kernel from its module in base64, as `kernels/build.mjs` embeds it.
 */
export function kernel<Exports extends object>(
  base64: string,
  { sharedMemory = false }: KernelOptions = {},
): Kernel<Exports> {
  let compiled: WebAssemblyModule | undefined;
  const compile = (): WebAssemblyModule => (compiled ??= new (webAssembly().Module)(bytesOf(base64)));
  let kept: Instance<Exports> | undefined;
  return {
    sharedMemory,
    get module() {
      return compile();
    },
    run(bytes, use) {
      // Removed while it is in use, so that a call within a call gets a memory of its own.
      let instance = kept;
      kept = undefined;
      if (instance === undefined || instance.memory.buffer.byteLength < bytes) {
        const memory = memoryOf(bytes, sharedMemory);
        const { exports } = new (webAssembly().Instance)(compile(), { env: { memory } });
        instance = { memory, exports: exports as Exports };
      }
      const result = use(instance.exports, instance.memory.buffer);
      if (instance.memory.buffer.byteLength <= KEPT_BYTES) kept = instance;
      return result;
    },
  };
}

interface Instance<Exports> {
  readonly memory: WebAssemblyMemory;
  readonly exports: Exports;
}

/** A memory of at least that many bytes. */
export function memoryOf(bytes: number, shared: boolean): WebAssemblyMemory {
  const pages = pagesFor(bytes);
  return new (webAssembly().Memory)({ initial: pages, ...(shared && { maximum: pages, shared }) });
}

/** How many pages a memory of at least that many bytes has. */
export function pagesFor(bytes: number): number {
  const pages = Math.max(1, Math.ceil(bytes / PAGE));
  if (pages > 65_536) {
    throw new RangeError(
      `expected a problem that fits into 4 GiB, got ${(bytes / 2 ** 30).toFixed(1)} GiB. Take a smaller matrix.`,
    );
  }
  return pages;
}

function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
