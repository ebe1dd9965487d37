import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { snippetsOf, typeErrors } from '../snippets.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

const pages = ts.sys.readDirectory(
  root,
  ['.md', '.ts'],
  ['**/node_modules', '**/dist', 'apps/docs/reference'],
  ['README.md', 'CONTRIBUTING.md', 'packages/*/README.md', 'packages/*/src', 'apps/docs'],
);

describe('snippets in the documentation', () => {
  const snippets = pages.flatMap((page) => snippetsOf(page));
  const errors = typeErrors(snippets, root);

  const places = snippets.map(({ file, line }, i) => [`${relative(root, file)}:${line}`, i] as const);
  it.each(places)('%s type-checks', (_, i) => {
    expect(errors[i]).toEqual([]);
  });

  it('are found in pages and in docstrings', () => {
    const folders = snippets.map(({ file }) => relative(root, file).split('/')[0]);
    expect(folders).toEqual(expect.arrayContaining(['apps', 'packages']));
  });
});

describe('the check of snippets', () => {
  const file = `${root}/packages/core/README.md`;

  it('finds the blocks of a page and of a docstring', () => {
    const page = 'Text.\n\n```ts\nconst a = 1;\n\na;\n```\n\n```sh\nls\n```\n';
    expect(snippetsOf(file, page)).toEqual([{ file, line: 4, code: 'const a = 1;\n\na;\n' }]);
    const docstring = '/**\n * @example\n * ```ts\n * const a = {\n *   b: 1,\n *\n * };\n * ```\n */\n';
    expect(snippetsOf(file, docstring)).toEqual([{ file, line: 4, code: 'const a = {\n  b: 1,\n\n};\n' }]);
  });

  it('accepts a right snippet and says where a wrong one is wrong', () => {
    const right =
      "import { EdjmError } from '@edjm/core';\nconst code: string = new EdjmError('ABORTED', '').code;\n";
    const wrong = "import { EdjmError } from '@edjm/core';\nnew EdjmError('NO_SUCH_CODE', '');\n";
    const unknown = "import '@edjm/no-such-package';\n";
    const [none, one, two] = typeErrors(
      [right, wrong, unknown].map((code) => ({ file, line: 10, code })),
      root,
    );
    expect(none).toEqual([]);
    expect(one).toEqual([expect.stringMatching(/^line 11: .*NO_SUCH_CODE/)]);
    expect(two).toEqual([expect.stringMatching(/^line 10: .*no-such-package/)]);
  });
});
