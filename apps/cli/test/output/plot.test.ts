import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { edjm, testFolder } from '../fixture.ts';

/** A test folder with the results of an analysis and of a comparison. */
async function resultsFolder(): ReturnType<typeof testFolder> {
  const folder = await testFolder();
  const data = ['--data', 'data.npy', '--out'];
  await edjm(folder.path, ['analyze', 'model.onnx', ...data, 'one', '--null', 'permuted']);
  await edjm(folder.path, ['compare', 'model.onnx', 'model.onnx', ...data, 'two']);
  const spectrum = (score: number) => ({
    metrics: { 'edjm-score': score },
    normalizedSpectrum: [1, 0.5, 0.1],
  });
  const history = {
    version: 1,
    epochs: [{ epoch: 1, spectrum: spectrum(1.5) }, { epoch: 2 }, { epoch: 3, spectrum: spectrum(1.25) }],
  };
  await writeFile(join(folder.path, 'history.json'), JSON.stringify(history));
  await writeFile(join(folder.path, 'bare.json'), JSON.stringify({ version: 1, epochs: [{ epoch: 1 }] }));
  return folder;
}

describe('edjm plot', () => {
  it('draws the picture of a report again, byte by byte', async () => {
    await using folder = await resultsFolder();
    for (const name of ['one', 'two']) {
      const { code, stdout, stderr } = await edjm(folder.path, ['plot', `${name}/report.json`]);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toBe(`${await readFile(join(folder.path, name, 'spectrum.svg'), 'utf8')}\n`);
    }
  });

  it('takes title, labels, scales and size, and writes a file', async () => {
    await using folder = await resultsFolder();
    const { code, stdout } = await edjm(folder.path, [
      ...['plot', 'one/report.json', 'two/report.json', '--out', 'pictures/new.svg', '--title', 'Depth'],
      ...['--labels', 'first,second,third', '--x-scale', 'log', '--width', '400', '--height', '200'],
    ]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'written: pictures/new.svg\n' });
    const svg = await readFile(join(folder.path, 'pictures/new.svg'), 'utf8');
    expect(svg).toMatch(/^<svg[^>]* width="400"/);
    for (const text of ['Depth', 'first', 'second', 'third']) expect(svg).toContain(text);
    expect(svg).not.toContain('model.onnx');
  });

  it('draws the spectra of a training', async () => {
    await using folder = await resultsFolder();
    const { code, stdout } = await edjm(folder.path, ['plot', 'history.json']);
    expect(code).toBe(0);
    for (const text of ['epoch 1', 'epoch 3', '1.25']) expect(stdout).toContain(text);
    expect(stdout).not.toContain('epoch 2');
  });

  it.each([
    [['data.npy'], 1, 'expected a report.json'],
    [['bare.json'], 1, 'Train with --spectrum-every'],
    [['missing.json'], 1, 'missing.json'],
    [['one/report.json', '--labels', 'a,b'], 2, 'expected a name for each of the 1 curves'],
    [['one/report.json', '--out', 'picture.png'], 2, 'ends in .svg'],
    [['one/report.json', '--width', '20'], 2, 'at least 150'],
    [['one/report.json', '--y-scale', 'cubic'], 2, 'linear, log'],
  ])('refuses %j', async (args, expected, message) => {
    await using folder = await resultsFolder();
    const before = await readdir(folder.path);
    const { code, stdout, stderr } = await edjm(folder.path, ['plot', ...args]);
    expect({ code, stdout }).toEqual({ code: expected, stdout: '' });
    expect(stderr).toContain(message);
    expect(await readdir(folder.path)).toEqual(before);
  });
});
