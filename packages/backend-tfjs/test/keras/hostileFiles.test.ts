import fc from 'fast-check';
import type { File, Group } from 'h5wasm';
import * as h5wasm from 'h5wasm';
import { EdjmError } from '@edjm/core';
import { afterEach, beforeEach, describe, expect, it, vi, type MockInstance } from 'vitest';
import { readKerasFile } from '../../src/keras/index.ts';
import { archive, fixture, hdf5, layer, put, refusal, sequential, zip } from './files.ts';

const mlp = sequential([3], layer('Dense', { units: 2 }));
const config = { name: 'config.json', content: JSON.stringify(mlp) };
const good = await hdf5((file) => {
  put(file, 'layers/dense/vars/0', { shape: [3, 2] });
  put(file, 'layers/dense/vars/1', { shape: [2] });
});
const weights = { name: 'model.weights.h5', content: good };
const goodArchive = await archive(mlp, good);
const bytesOf = (text: string) => new TextEncoder().encode(text);

let errors: MockInstance;

beforeEach(() => {
  errors = vi.spyOn(console, 'error');
});

afterEach(async () => {
  expect(errors).not.toHaveBeenCalled();
  vi.restoreAllMocks();
  const { FS } = await h5wasm.ready;
  expect((FS.readdir('/') as string[]).filter((name) => /edjm|test-/.test(name))).toEqual([]);
});

/** A file, how it is made, and what its refusal says. */
type Hostile = readonly [
  name: string,
  make: Uint8Array | (() => Uint8Array | Promise<Uint8Array>),
  message: string,
];

async function refused(made: Hostile[1]): Promise<{ code: string; message: string }> {
  const bytes = typeof made === 'function' ? await made() : made;
  const found = await refusal(() => readKerasFile(bytes, 'model.keras'));
  expect(found.message).toMatch(/^model\.keras: expected .*, got .*\. \S/s);
  return found;
}

/** Where some bytes lie in others. */
function placesOf(part: Uint8Array, bytes: Uint8Array): number[] {
  return Array.from({ length: bytes.length - part.length + 1 }, (_, start) => start).filter((start) =>
    part.every((byte, index) => bytes[start + index] === byte),
  );
}

/** Changes a name in an archive, where it stands before the member and in the list at its end. */
function renamedMember(bytes: Uint8Array, from: string, to: string): Uint8Array {
  const changed = bytes.slice();
  for (const place of placesOf(bytesOf(from), bytes)) changed.set(bytesOf(to), place);
  return changed;
}

/** Sets the size that the list at the end of an archive claims for a member. */
function claiming(bytes: Uint8Array, name: string, size: number): Uint8Array {
  const changed = bytes.slice();
  const place = placesOf(bytesOf(name), bytes).at(-1)!;
  new DataView(changed.buffer).setUint32(place - 46 + 24, size, true);
  return changed;
}

describe('archives', () => {
  it.each<Hostile>([
    ['nothing', new Uint8Array(0), 'no bytes at all'],
    ['text', bytesOf('{"class_name": "Sequential"}'), 'begins with 7b 22 63'],
    ['the mark of a zip archive alone', Uint8Array.of(0x50, 0x4b, 3, 4), 'a .keras archive'],
    ['an archive cut short', goodArchive.subarray(0, -40), 'a .keras archive'],
    ['half an archive', goodArchive.subarray(0, goodArchive.length / 2), 'a .keras archive'],
    ['no config', () => zip([weights]), 'got no config.json'],
    ['no weights', () => zip([config]), 'got no model.weights.h5'],
    ['a config of text', () => archive('Sequential', good), 'text that is no JSON'],
    ['a config of a list', () => archive([mlp], good), 'expected a JSON object as config.json, got [{'],
    ['a config of null', () => archive('null', good), 'expected a JSON object as config.json, got null'],
    ['weights of text', () => archive(mlp, bytesOf('weights')), 'a whole HDF5 file'],
    [
      'a name that leaves it',
      () => zip([config, weights, { name: '../../x', content: '' }]),
      'Unsafe filename',
    ],
    [
      'a name from the root',
      () => zip([config, weights, { name: '/etc/x', content: '' }]),
      'Unsafe filename',
    ],
    ['a name of Windows', () => zip([config, weights, { name: 'a\\..\\x', content: '' }]), 'Unsafe filename'],
    [
      'two configs',
      async () =>
        renamedMember(
          await zip([config, weights, { name: 'second.json', content: '{}' }]),
          'second.json',
          'config.json',
        ),
      '2 members named config.json',
    ],
    [
      'weights that claim too much',
      claiming(goodArchive, 'model.weights.h5', 4_000_000_000),
      'that claim to hold 4000000000',
    ],
    ['weights that claim too little', claiming(goodArchive, 'model.weights.h5', 100), 'a .keras archive'],
    [
      'a config that claims too much',
      claiming(goodArchive, 'config.json', 100_000_000),
      'above the limit of 67108864',
    ],
    [
      'a config without end',
      () => zip([{ name: 'config.json', content: new Uint8Array(65 * 2 ** 20) }, weights]),
      'above the limit of 67108864',
    ],
  ])('refuses %s', async (_, make, message) => {
    expect(await refused(make)).toEqual({
      code: 'INVALID_FILE',
      message: expect.stringContaining(message) as string,
    });
  });

  it.each<Hostile>([
    [
      'encrypted weights',
      () => zip([config, { ...weights, password: 'secret' }]),
      'model.weights.h5 encrypted',
    ],
    [
      'weights in another format',
      () => zip([config, { name: 'model.weights.npz', content: '' }]),
      'got model.weights.npz',
    ],
  ])('refuses %s', async (_, make, message) => {
    expect(await refused(make)).toEqual({
      code: 'UNSUPPORTED',
      message: expect.stringContaining(message) as string,
    });
  });

  it('refuses members whose checksum is wrong', async () => {
    const damaged = goodArchive.slice();
    const place = placesOf(bytesOf('model.weights.h5'), goodArchive)[0]! + 200;
    damaged[place] = damaged[place]! ^ 0xff;
    expect((await refused(damaged)).code).toBe('INVALID_FILE');
  });
});

describe('HDF5', () => {
  const model = (write: (file: File) => void, description: object = mlp) =>
    hdf5((file) => {
      file.create_attribute('model_config', JSON.stringify(description));
      write(file);
    });
  const named = (file: File, group: string) => {
    (file.get(group) as Group).create_attribute('weight_names', ['k', 'b']);
  };

  it.each<Hostile>([
    ['its mark alone', Uint8Array.of(0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a), 'a whole HDF5 file'],
    ['a file cut short', fixture('nested.h5.gz').subarray(0, -100), 'truncated file'],
    ['half a file', fixture('nested.h5.gz').subarray(0, 2000), 'truncated file'],
    [
      'weights alone',
      good,
      'expected a whole model, with the attribute model_config, got weights alone. Save the model itself',
    ],
    ['an empty file', () => hdf5(() => undefined), 'an HDF5 file without any'],
    [
      'a config of numbers',
      () =>
        hdf5((file) => {
          file.create_attribute('model_config', 5);
        }),
      'the attribute model_config',
    ],
    [
      'a model without weights',
      () => model(() => undefined),
      "2 arrays of weights for 'dense' (Dense), got 0",
    ],
    [
      'an array for a group',
      () =>
        model((file) => {
          put(file, 'model_weights', { shape: [2] });
        }),
      'got 0',
    ],
    [
      'a group for an array',
      () =>
        model((file) => {
          put(file, 'model_weights/dense/k/x', { shape: [3, 2] });
          put(file, 'model_weights/dense/b', { shape: [2] });
          named(file, 'model_weights/dense');
        }),
      'got no array',
    ],
    [
      'a link to an array',
      () =>
        model((file) => {
          put(file, 'k', { shape: [3, 2] });
          put(file, 'model_weights/dense/b', { shape: [2] });
          file.create_soft_link('/k', 'model_weights/dense/k');
          named(file, 'model_weights/dense');
        }),
      "a link as 'model_weights/dense/k'",
    ],
    [
      'a link to a group',
      () =>
        model((file) => {
          put(file, 'w/dense/k', { shape: [3, 2] });
          put(file, 'w/dense/b', { shape: [2] });
          named(file, 'w/dense');
          file.create_soft_link('/w', 'model_weights');
        }),
      "a link as 'model_weights'",
    ],
    [
      'a link to nowhere',
      () =>
        model((file) => {
          file.create_soft_link('/w', 'model_weights');
        }),
      "a link as 'model_weights'",
    ],
    ...['/etc/passwd', '/dev/stdin', 'other.h5'].map((path): Hostile => [
      `a link to ${path}`,
      () =>
        model((file) => {
          file.create_external_link(path, '/', 'model_weights');
        }),
      "a link as 'model_weights'",
    ]),
    [
      'more than it can hold',
      () =>
        model(
          (file) => {
            put(file, 'model_weights/dense/b', { shape: [2] });
            const huge = (file.get('model_weights/dense') as Group).create_dataset({
              name: 'k',
              data: new Float32Array(2),
              shape: [1, 2],
              maxshape: [null, 2],
              chunks: [1, 2],
            });
            huge.resize([200_000_000, 2]);
            named(file, 'model_weights/dense');
          },
          sequential([200_000_000], layer('Dense', { units: 2 })),
        ),
      'got 1600000000',
    ],
  ])('refuses %s', async (_, make, message) => {
    expect(await refused(make)).toEqual({
      code: 'INVALID_FILE',
      message: expect.stringContaining(message) as string,
    });
  });

  it('refuses whatever is damaged, or reads other numbers', async () => {
    const whole = fixture('nested.h5.gz');
    const change = fc.tuple(fc.nat(whole.length - 1), fc.nat(255));
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 6 }), async (changes) => {
        const bytes = Uint8Array.from(whole);
        for (const [place, value] of changes) bytes[place] = value;
        try {
          expect((await readKerasFile(bytes, 'model.h5')).weightSpecs).toHaveLength(16);
        } catch (error) {
          if (!EdjmError.is(error)) throw error;
        }
      }),
      { numRuns: 200 },
    );
    expect((await readKerasFile(whole, 'model.h5')).weightSpecs).toHaveLength(16);
  });
});
