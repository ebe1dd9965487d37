import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import ts from 'typescript';

/** A block of TypeScript in documentation. */
export interface Snippet {
  /** Absolute path of the file that it stands in. */
  readonly file: string;
  /** Line of its first line of code, from 1. */
  readonly line: number;
  readonly code: string;
}

const fence = /^(?<margin>[ \t]*(?:\* ?)?)```ts\n(?<code>.*?)^[ \t]*(?:\* ?)?```$/gms;

/** Every ```ts block of a Markdown page, or of the docstrings of a source file. */
export function snippetsOf(file: string, text: string = readFileSync(file, 'utf8')): Snippet[] {
  return [...text.matchAll(fence)].map(({ index, groups = {} }) => {
    const { margin = '', code = '' } = groups;
    const stripped = code
      .split('\n')
      .map((line) =>
        line.startsWith(margin) ? line.slice(margin.length) : line.trimStart().replace(/^\*/, ''),
      );
    return { file, line: text.slice(0, index).split('\n').length + 1, code: stripped.join('\n') };
  });
}

/**
 * Type-checks snippets, each as a module of its own. A module is named after the first thing that it exports, so another
 * block of the same page can import it: `./spectralGap.js`.
 *
 * @param snippets - what to check.
 * @param root - folder of the repository; packages are taken from their sources.
 * @returns the errors of each snippet, as `line 12: message`; empty if there are none.
 */
export function typeErrors(snippets: readonly Snippet[], root: string): string[][] {
  const options = compilerOptions(root);
  const host = ts.createCompilerHost(options);
  const modules = new Map<string, Snippet>();
  for (const snippet of snippets) modules.set(modulePath(snippet, modules), snippet);

  // The folders of the modules exist in no file system: without this function the compiler takes them for granted.
  delete host.directoryExists;
  host.fileExists = (path) => modules.has(path) || ts.sys.fileExists(path);
  host.readFile = (path) => {
    const snippet = modules.get(path);
    return snippet === undefined ? ts.sys.readFile(path) : `${snippet.code}\nexport {};\n`;
  };
  host.getSourceFile = (path, language) => {
    const text = host.readFile(path);
    return text === undefined ? undefined : ts.createSourceFile(path, text, language);
  };

  const program = ts.createProgram([...modules.keys()], options, host);
  return [...modules].map(([path, snippet]) =>
    ts
      .getPreEmitDiagnostics(program, program.getSourceFile(path))
      .map((diagnostic) => describe(diagnostic, snippet)),
  );
}

function modulePath({ file, code }: Snippet, taken: ReadonlyMap<string, Snippet>): string {
  const name = /^export (?:async )?(?:const|function|class) (\w+)/m.exec(code)?.[1];
  const path = resolve(`${file}.snippets`, `${name ?? ''}.ts`);
  return name !== undefined && !taken.has(path) ? path : resolve(`${file}.snippets`, `${taken.size}.ts`);
}

function compilerOptions(root: string): ts.CompilerOptions {
  const path = resolve(root, 'tsconfig.json');
  const { options } = ts.parseJsonConfigFileContent(
    ts.readConfigFile(path, (file) => ts.sys.readFile(file)).config,
    ts.sys,
    root,
  );
  return {
    ...options,
    noUnusedLocals: false,
    noUnusedParameters: false,
    // Documentation may use packages that the one it belongs to does not depend on.
    paths: { '@edjm/*': [resolve(root, 'packages/*/src/index.ts')] },
    types: ['node'],
    typeRoots: [resolve(root, 'node_modules/@types')],
  };
}

function describe({ file, start, messageText }: ts.Diagnostic, snippet: Snippet): string {
  const offset =
    file === undefined || start === undefined ? 0 : file.getLineAndCharacterOfPosition(start).line;
  return `line ${snippet.line + offset}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
}
