import { expect, it } from 'vitest';
import { uninterrupted } from '../../src/output/uninterrupted.ts';

it.each(['SIGINT', 'SIGTERM'] as const)(
  'work in spite of %s is done, and those who listen hear of it',
  async (signal) => {
    let heard = 0;
    const listener = () => (heard += 1);
    process.on(signal, listener);
    let isDone = false;
    await uninterrupted(async () => {
      process.kill(process.pid, signal);
      await new Promise((resolve) => setTimeout(resolve, 20));
      isDone = true;
    });
    process.removeListener(signal, listener);
    expect({ isDone, heard, left: process.listenerCount(signal) }).toEqual({
      isDone: true,
      heard: 1,
      left: 0,
    });
  },
);
