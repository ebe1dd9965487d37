import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const importRules = ['no-restricted-imports', 'no-restricted-syntax', 'import-x/no-relative-packages'];

const eslint = new ESLint({
  cwd: root,
  // The files linted here exist in no project: import rules need no types.
  overrideConfig: [tseslint.configs.disableTypeChecked],
  ruleFilter: ({ ruleId }) => importRules.includes(ruleId),
});

/** The messages of lint for one statement in a file of the repository. */
async function complaints(file: string, statement: string): Promise<string[]> {
  const [result] = await eslint.lintText(statement, { filePath: `${root}/${file}` });
  return result!.messages.map(({ message }) => message);
}

describe('who may import whom', () => {
  it.each([
    ['packages/core/src/a.ts', '@edjm/linalg'],
    ['packages/backend-onnx/src/a.ts', '@edjm/onnx-autodiff'],
    ['packages/backend-onnx/src/a.ts', 'onnxruntime-node'],
    ['packages/linalg/src/a.ts', 'ml-matrix'],
    ['packages/linalg/test/a.test.ts', '@edjm/linalg'],
    ['packages/linalg/test/a.test.ts', '@edjm/testing'],
    ['packages/linalg/test/browser/page.ts', '@edjm/testing/page'],
    ['packages/metrics/test/a.test.ts', '@edjm/conformance'],
    ['packages/backend-onnx/test/a.test.ts', '@edjm/backend-cpu'],
    ['apps/cli/src/a.ts', '@edjm/backend-onnx'],
    ['benchmarks/a.ts', 'onnxruntime-node'],
  ])('%s may import %s', async (file, imported) => {
    expect(await complaints(file, `import '${imported}';`)).toEqual([]);
    expect(await complaints(file, `await import('${imported}');`)).toEqual([]);
  });

  it.each([
    ['packages/linalg/src/a.ts', '@edjm/core', 'packages/linalg may import: none'],
    ['packages/metrics/src/a.ts', '@edjm/conformance', 'packages/metrics may import: linalg, core'],
    ['packages/backend-cpu/src/a.ts', '@edjm/backend-onnx', 'packages/backend-cpu may import'],
    ['packages/backend-onnx/src/a.ts', '@edjm/metrics', 'packages/backend-onnx may import'],
    ['packages/core/src/a.ts', 'edjm', 'packages/core may import'],
    ['packages/core/src/a.ts', '@edjm/testing', 'packages/core may import'],
    ['packages/core/src/a.ts', '@edjm/testing/page', 'packages/core may import'],
    ['testing/src/a.ts', '@edjm/linalg', 'testing may import: none'],
    ['packages/metrics/src/a.ts', '@edjm/core/dist/index.js', 'The whole face of a package'],
    ['apps/cli/src/a.ts', '@edjm/core/src/errors.ts', 'The whole face of a package'],
    ['packages/metrics/src/a.ts', 'ml-matrix', 'Only packages/linalg may import ml-matrix'],
    ['packages/core/src/a.ts', 'onnxruntime-web', 'Only packages/backend-onnx may import onnxruntime-'],
    ['apps/cli/src/a.ts', '@tensorflow/tfjs', 'Only packages/backend-tfjs may import @tensorflow/'],
  ])('%s may not import %s', async (file, imported, reason) => {
    const expected = [expect.stringContaining(reason)];
    expect(await complaints(file, `import '${imported}';`)).toEqual(expected);
    expect(await complaints(file, `import type { A } from '${imported}';`)).toEqual(expected);
    expect(await complaints(file, `export * from '${imported}';`)).toEqual(expected);
    expect(await complaints(file, `await import('${imported}');`)).toEqual(expected);
  });

  it('a relative import may not leave its package', async () => {
    const statement = "import '../../linalg/src/index.ts';";
    expect(await complaints('packages/core/src/index.ts', statement)).toEqual([
      expect.stringContaining('Relative import from another package'),
    ]);
  });

  it.each(['import', 'import type'])('modules may not import each other in a circle by %s', (keyword) => {
    const folder = mkdtempSync(join(tmpdir(), 'edjm-circle-'));
    writeFileSync(join(folder, 'a.ts'), `${keyword} { B } from './b.ts';\nexport type A = B;\n`);
    writeFileSync(join(folder, 'b.ts'), `${keyword} { A } from './a.ts';\nexport type B = A | 1;\n`);
    const oxlint = join(root, 'node_modules/oxlint/bin/oxlint');
    const configuration = join(root, '.oxlintrc.json');
    const { status, stdout } = spawnSync(process.execPath, [oxlint, '-c', configuration, folder], {
      encoding: 'utf8',
    });
    rmSync(folder, { recursive: true });
    expect(stdout).toContain('import(no-cycle)');
    expect(status).toBe(1);
  });

  it('the table allows what is used, and no more', async () => {
    const packages = readdirSync(`${root}/packages`);
    const imports = (folder: string): ReadonlySet<string> =>
      new Set(
        readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
          .filter((file) => /\.m?ts$/.test(file))
          // Examples in docstrings import what their readers would, not what the package needs.
          .map((file) => readFileSync(join(root, folder, file), 'utf8').replaceAll(/^\s*\*.*$/gm, ''))
          .flatMap((text) => [...text.matchAll(/'@edjm\/([\w-]+)[/']/g)])
          .map(([, name]) => name!),
      );
    const unused: string[] = [];
    for (const importer of packages) {
      const inSources = imports(`packages/${importer}/src`);
      const inTests = imports(`packages/${importer}/test`);
      for (const imported of packages) {
        const statement = `import '@edjm/${imported}';`;
        const forSources = (await complaints(`packages/${importer}/src/a.ts`, statement)).length === 0;
        const forTests = (await complaints(`packages/${importer}/test/a.test.ts`, statement)).length === 0;
        if (forSources && !inSources.has(imported)) unused.push(`${importer}/src may import ${imported}`);
        if (forTests && !forSources && imported !== importer && !inTests.has(imported))
          unused.push(`${importer}/test may import ${imported}`);
      }
    }
    expect(unused).toEqual([]);
  });

  it.each(readdirSync(`${root}/packages`))('packages/%s has a line in the table', async (name) => {
    const stranger = "import '@edjm/no-such-package';";
    expect(await complaints(`packages/${name}/src/a.ts`, stranger)).toHaveLength(1);
    expect(await complaints(`packages/${name}/test/a.test.ts`, stranger)).toHaveLength(1);
  });
});
