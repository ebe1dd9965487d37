import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { edjm, testFolder } from '../fixture.ts';

const execute = promisify(execFile);

/** Whether a program is installed. */
async function has(program: string): Promise<boolean> {
  return execute(program, ['-c', 'true']).then(
    () => true,
    () => false,
  );
}

/** What bash completes the last of the words to. */
async function completedIn(folder: string, words: readonly string[]): Promise<readonly string[]> {
  const quoted = words.map((word) => `'${word}'`).join(' ');
  const script = `source ./edjm.bash; COMP_WORDS=(${quoted}); COMP_CWORD=${String(words.length - 1)}; _edjm; printf '%s\n' "\${COMPREPLY[@]}"`;
  const { stdout } = await execute('bash', ['--norc', '-c', script], { cwd: folder });
  return stdout.split('\n').filter((line) => line !== '');
}

const hasBash = await has('bash');

describe('edjm completion', () => {
  it.runIf(hasBash)('completes commands, options and their choices in bash', async () => {
    await using folder = await testFolder();
    const { code, stdout } = await edjm(folder.path, ['completion', 'bash']);
    expect(code).toBe(0);
    await writeFile(join(folder.path, 'edjm.bash'), stdout);
    expect(await completedIn(folder.path, ['edjm', 'co'])).toEqual(['compare', 'completion']);
    expect(await completedIn(folder.path, ['edjm', 'analyze', 'model.onnx', '--out'])).toEqual([
      ...['--out', '--outputs', '--output-kind', '--output'],
    ]);
    expect(await completedIn(folder.path, ['edjm', 'compare', '--output-kind', 'log'])).toEqual([
      'logit',
      'log-probability',
    ]);
    expect(await completedIn(folder.path, ['edjm', 'completion', 'z'])).toEqual(['zsh']);
    expect(await completedIn(folder.path, ['edjm', 'analyze', 'mod'])).toEqual([]);
  });

  it.each(['zsh', 'fish'])('has a script for %s that names every command and its options', async (shell) => {
    await using folder = await testFolder();
    const { code, stdout } = await edjm(folder.path, ['completion', shell]);
    expect(code).toBe(0);
    for (const name of ['analyze', 'compare', 'spectrum', 'train', 'inspect', 'metrics', 'doctor'])
      expect(stdout).toContain(name);
    expect(stdout).toMatch(shell === 'zsh' ? /'--max-drop\[/ : /-l max-drop -r/);
    if (!(await has(shell))) return;
    await writeFile(join(folder.path, 'script'), stdout);
    await execute(shell, ['-n', 'script'], { cwd: folder.path });
  });

  it('refuses other shells', async () => {
    await using folder = await testFolder();
    const { code, stderr } = await edjm(folder.path, ['completion', 'tcsh']);
    expect(code).toBe(2);
    expect(stderr).toContain('bash, zsh, fish');
  });
});

describe('usage', () => {
  it.each([
    [['analyze', 'model.onnx', '--dat', 'data.npy'], '(Did you mean --data?)'],
    [['train', 'net.json', '--dta', 'data.npy'], '(Did you mean --data?)'],
    [['compare', 'model.onnx'], "required option '--data <source>' not specified"],
    [['train', 'net.json'], "required option '--data <source>' not specified"],
    [['analyze'], 'missing required argument'],
    [['analyze', 'a.onnx', 'b.onnx', '--data', 'data.npy'], 'run: edjm compare a.onnx b.onnx --data SOURCE'],
    [['analyze', 'a.onnx', 'b.onnx'], 'run: edjm compare a.onnx b.onnx --data SOURCE'],
  ])('of %s is refused with what was meant', async (args, message) => {
    await using folder = await testFolder();
    const { code, stderr, stdout } = await edjm(folder.path, args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
  });
});
