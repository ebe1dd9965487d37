import { memoryOf } from './kernels.ts';
import type { WebAssemblyMemory } from './webAssembly.ts';

/**
 * Memories that threads share, taken again for later problems. Nothing else would free them soon: the garbage collector does not see how
 * large they are, and each reserves 10 GB of addresses.
 */
export interface SharedMemories {
  /** A memory of at least that many bytes, all of them zero. */
  take(bytes: number): WebAssemblyMemory;
  /** For the next problem, once no thread works in it any more. */
  giveBack(memory: WebAssemblyMemory): void;
  clear(): void;
}

/** None at first. */
export function sharedMemories(): SharedMemories {
  let spare: WebAssemblyMemory[] = [];
  return {
    take(bytes) {
      const fitting = spare.find(({ buffer }) => buffer.byteLength >= bytes);
      // A memory that is too small makes room for a larger one.
      const taken = fitting ?? spare[0];
      spare = spare.filter((memory) => memory !== taken);
      if (fitting === undefined) return memoryOf(bytes, true);
      new Uint8Array(fitting.buffer, 0, bytes).fill(0);
      return fitting;
    },
    giveBack(memory) {
      spare.push(memory);
    },
    clear() {
      spare = [];
    },
  };
}
