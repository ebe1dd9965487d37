import { EdjmError } from '../contracts/errors.ts';

/** Bytes that loading may take, if no limit is given. */
const DEFAULT_MEMORY = 2 ** 32;

/**
 * Refuses a network, before anything is allocated for its samples, if these take more than the limit: a few bytes of a file may declare any
 * shape.
 *
 * @param bytes - that the samples take with which the network is tried.
 * @throws EdjmError `MEMORY_LIMIT`.
 */
export function checkLoadMemory(
  name: string,
  bytes: number,
  maxMemory: number | undefined = DEFAULT_MEMORY,
): void {
  if (bytes <= maxMemory) return;
  const megabytes = (size: number): string => `${Math.ceil(size / 1e6)} MB`;
  throw new EdjmError(
    'MEMORY_LIMIT',
    `${name}: expected a network whose samples fit ${megabytes(maxMemory)} while it is loaded, got one that needs ${megabytes(bytes)}. Check the shapes that the model declares, or raise the memory limit (--max-memory).`,
  );
}
