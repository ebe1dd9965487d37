import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { Uint8ArrayReader, Uint8ArrayWriter, ZipWriter } from '@zip.js/zip.js';
import { describe, expect, it, vi } from 'vitest';
import { memoryReader } from '../src/byteSource.ts';
import { inflatedInBrowsers } from '../src/gzip.ts';
import { gunzipped, isGzip, isZip, openFile, openZip, sha256 } from '../src/index.ts';

const content = Uint8Array.from({ length: 200_000 }, (_, i) => (i * i) % 251);
const refused = (code: string, says: RegExp) => ({ code, message: expect.stringMatching(says) as string });

async function archiveOf(bytes: Uint8Array, password?: string): Promise<Uint8Array> {
  const writer = new ZipWriter(new Uint8ArrayWriter(), { useWebWorkers: false });
  await writer.add('a/', undefined, { directory: true });
  await writer.add('a/x.bin', new Uint8ArrayReader(bytes), password === undefined ? {} : { password });
  return writer.close();
}

const zip = await archiveOf(content);
const members = async (bytes: Uint8Array) => openZip(await openFile(bytes, { name: 'x.zip' }));

/** The same archive, whose list at the end states other lengths for its member. */
function claiming(bytes: Uint8Array, length: number, compressed?: number): Uint8Array {
  const changed = bytes.slice();
  const view = new DataView(changed.buffer);
  const places = Array.from({ length: bytes.length - 4 }, (_, i) => i).filter(
    (i) => view.getUint32(i) === 0x504b0102,
  );
  view.setUint32(places.at(-1)! + 24, length, true);
  if (compressed !== undefined) view.setUint32(places.at(-1)! + 20, compressed, true);
  return changed;
}

describe('a zip archive', () => {
  it('is known by how it begins, and its files come out as they went in', async () => {
    expect([isZip(zip), isZip(content), isZip(Uint8Array.of(0x50, 0x4b, 5, 6))]).toEqual([true, false, true]);
    const [member, ...others] = await members(zip);
    expect(others).toEqual([]);
    expect(member).toMatchObject({ name: 'a/x.bin', location: 'x.zip (a/x.bin)', length: content.length });
    expect(await member!.bytes()).toEqual(content);
    const reader = await member!.open();
    const start = new Uint8Array(5);
    await reader.read(start);
    await reader.close();
    expect(start).toEqual(content.subarray(0, 5));
  });

  it('is refused if it is damaged, in the words of who opens it', async () => {
    const cut = await openFile(zip.subarray(0, -30), { name: 'x.keras' });
    await expect(
      openZip(cut, { expected: 'a .keras archive', todo: 'Save it again.' }),
    ).rejects.toMatchObject(
      refused('INVALID_FILE', /^x\.keras: expected a \.keras archive, got .*\. Save it again\.$/),
    );
    const changed = zip.slice();
    changed[200] = changed[200]! ^ 0xff;
    await expect((await members(changed))[0]!.bytes()).rejects.toMatchObject({ code: 'INVALID_FILE' });
  });

  it.each([
    ['deflated', 6],
    ['stored', 0],
  ])('gives the right bytes or refuses, whichever byte of it is changed (%s)', async (_, level) => {
    const small = content.subarray(0, 100);
    const writer = new ZipWriter(new Uint8ArrayWriter(), { useWebWorkers: false, level });
    await writer.add('x.npy', new Uint8ArrayReader(small));
    const whole = await writer.close();
    let refusals = 0;
    for (let place = 0; place < whole.length; place++) {
      const changed = whole.slice();
      changed[place] = changed[place]! ^ 0xff;
      try {
        for (const member of await members(changed)) expect(await member.bytes()).toEqual(small);
      } catch (error) {
        expect(error).toMatchObject({ name: 'EdjmError' });
        refusals++;
      }
    }
    expect(refusals).toBeGreaterThan(100);
  });

  it('gives no more than it states, and no more than is asked for', async () => {
    const [bomb] = await members(claiming(zip, 2 ** 32 - 2));
    await expect(bomb!.open()).rejects.toMatchObject(
      refused('INVALID_FILE', /that claim to hold 4294967294/),
    );
    const [larger] = await members(claiming(zip, 2 ** 32 - 2, 2 ** 32 - 2));
    await expect(larger!.bytes()).rejects.toMatchObject(
      refused('INVALID_FILE', /that claim to hold 4294967294/),
    );
    const [liar] = await members(claiming(zip, 1000));
    await expect(liar!.bytes()).rejects.toMatchObject({ code: 'INVALID_FILE' });
    const [member] = await members(zip);
    await expect(member!.bytes(1000)).rejects.toMatchObject(
      refused('INVALID_FILE', /200000 bytes of a\/x\.bin, above the limit of 1000/),
    );
  });

  it('that is encrypted is refused', async () => {
    const [secret] = await members(await archiveOf(content, 'secret'));
    await expect(secret!.bytes()).rejects.toMatchObject(refused('UNSUPPORTED', /a\/x\.bin encrypted/));
  });
});

describe('gzip', () => {
  const whole = gzipSync(content);

  /** All that a compressed file holds, by Node's inflater and by the one that browsers have. */
  const inflaters = {
    'of Node': async (bytes: Uint8Array) => {
      const source = gunzipped(await openFile(bytes, { name: 'x.gz' }));
      expect(source).toMatchObject({ name: 'x.gz', lengthIsExact: false });
      const reader = await source.open();
      const all = new Uint8Array(content.length + 1);
      try {
        return all.subarray(0, await reader.read(all));
      } finally {
        await reader.close();
      }
    },
    'of browsers': async (bytes: Uint8Array) => {
      const chunks: Uint8Array[] = [];
      const file = await openFile(bytes, { name: 'x.gz' });
      for await (const chunk of inflatedInBrowsers(memoryReader(bytes), file)) chunks.push(chunk);
      return new Uint8Array(Buffer.concat(chunks));
    },
  };

  it('is known by how it begins', () => {
    expect([isGzip(whole), isGzip(content)]).toEqual([true, false]);
  });

  it.each(Object.entries(inflaters))('comes out as it went in: %s', async (_, inflate) => {
    expect(await inflate(whole)).toEqual(content);
  });

  it.each(Object.entries(inflaters))('with a wrong checksum is refused: %s', async (_, inflate) => {
    const wrong = Uint8Array.from(whole);
    wrong[wrong.length - 8] = wrong[wrong.length - 8]! ^ 1;
    await expect(inflate(wrong)).rejects.toMatchObject(
      refused('INVALID_FILE', /x\.gz: expected complete gzip data, got .*write or download it again/),
    );
  });

  it.each([
    ['cut short', whole.subarray(0, -20), /unexpected end of file/],
    ['with bytes after its end', Buffer.concat([whole, Buffer.from('tail')]), /expected complete gzip data/],
  ])('%s is refused', async (_, bytes, says) => {
    await expect(inflaters['of Node'](bytes)).rejects.toMatchObject(refused('INVALID_FILE', says));
  });
});

describe('SHA-256', () => {
  it('is that of all bytes, one file after the other, with Node and without', async () => {
    const files = [await openFile(content), await openFile(zip)];
    const expected = createHash('sha256').update(content).update(zip).digest('hex');
    expect(await sha256(files)).toBe(expected);
    vi.stubGlobal('process', undefined);
    try {
      expect(await sha256(files)).toBe(expected);
    } finally {
      vi.unstubAllGlobals();
    }
  });
});
