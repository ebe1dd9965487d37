import type { CheckpointStore } from '../../src/index.ts';

/** Checkpoints in memory, and the writes in order. */
export function memoryStore(): CheckpointStore & {
  readonly files: Map<string, Uint8Array>;
  readonly written: string[];
} {
  const files = new Map<string, Uint8Array>();
  const written: string[] = [];
  return {
    name: 'memory',
    files,
    written,
    list: async () => [...files.keys()],
    read: async (name) => files.get(name)!,
    async write(name, bytes) {
      written.push(name);
      files.set(name, bytes);
    },
    async remove(name) {
      files.delete(name);
    },
  };
}
