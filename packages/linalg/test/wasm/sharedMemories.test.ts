import { expect, it } from 'vitest';
import { sharedMemories } from '../../src/wasm/sharedMemories.ts';

const PAGE = 65_536;

it('a shared memory is taken again, with zeros, if it is large enough', () => {
  const memories = sharedMemories();
  const first = memories.take(2 * PAGE);
  new Uint8Array(first.buffer).fill(7);
  memories.giveBack(first);
  const again = memories.take(PAGE + 1);
  expect(again).toBe(first);
  expect(new Set(new Uint8Array(again.buffer, 0, PAGE + 1))).toEqual(new Set([0]));
});

it('a memory that is in use is not taken, nor one that is too small, which makes room', () => {
  const memories = sharedMemories();
  const [one, other] = [memories.take(PAGE), memories.take(PAGE)];
  expect(other).not.toBe(one);
  memories.giveBack(one);
  memories.giveBack(other);
  const large = memories.take(3 * PAGE);
  expect(large.buffer.byteLength).toBe(3 * PAGE);
  expect(memories.take(1)).toBe(other);
  expect(memories.take(1)).not.toBe(one);
});

it('nothing is kept once all are cleared', () => {
  const memories = sharedMemories();
  const memory = memories.take(PAGE);
  memories.giveBack(memory);
  memories.clear();
  expect(memories.take(PAGE)).not.toBe(memory);
});
