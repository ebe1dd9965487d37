import { expect, it } from 'vitest';
import { defineBackend, defineRegularizer } from '../../src/index.ts';
import { fakeNetwork, linear } from '../fakeNetworks.ts';

export const readsUndeclared = defineRegularizer({
  name: 'undeclared',
  needs: ['parameters'],
  penalty: (quantities) => {
    // @ts-expect-error: rows are not among the needs
    expect(quantities.rows).toBeUndefined();
    return 0;
  },
  gradient: () => ({}),
});

it('plugins are what was given, typed', async () => {
  const backend = defineBackend<string>({ name: 'fake', load: async () => fakeNetwork(linear([[1]])) });
  expect((await backend.load('a path')).dIn).toBe(1);
  // @ts-expect-error: it loads texts
  await backend.load(1);
  expect(readsUndeclared.name).toBe('undeclared');
});
