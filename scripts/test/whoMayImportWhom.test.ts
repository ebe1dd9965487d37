import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const importRules = [
  'no-restricted-imports',
  'no-restricted-syntax',
  'import-x/no-cycle',
  'import-x/no-relative-packages',
];

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

  it('modules may not import each other in a circle', async () => {
    const statement = "import { analyze } from '../analysis/analyze.ts'; export { analyze };";
    expect(await complaints('packages/core/src/contracts/errors.ts', statement)).toEqual([
      expect.stringContaining('Dependency cycle'),
    ]);
  });

  it.each(readdirSync(`${root}/packages`))('packages/%s has a line in the table', async (name) => {
    const stranger = "import '@edjm/no-such-package';";
    expect(await complaints(`packages/${name}/src/a.ts`, stranger)).toHaveLength(1);
    expect(await complaints(`packages/${name}/test/a.test.ts`, stranger)).toHaveLength(1);
  });
});
