/** The native engine on a Node newer than the one that runs the tests: there, Node lacks what tfjs-node calls. */
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { cpuBackend } from '@edjm/backend-cpu';
import { multilayerPerceptron } from '@edjm/network';
import { beforeAll, describe, expect, it, type TestContext } from 'vitest';

const run = promisify(execFile);
const packageFolder = fileURLToPath(new URL('..', import.meta.url));

const options = { dIn: 6, hidden: [16, 8], dOut: 3, seed: 7 };
const batch = matrix(5, options.dIn);
const cotangents = matrix(5, options.dOut);

function matrix(rows: number, columns: number) {
  return { rows, columns, data: Array.from({ length: rows * columns }, (_, i) => Math.sin(3 * i + 1)) };
}

/** Node strips the types of our sources by itself. */
const script = `
  import { tfjsBackend } from ${JSON.stringify(new URL('../src/index.ts', import.meta.url).href)};
  import { multilayerPerceptron } from '@edjm/network';
  const { options, batch, cotangents } = JSON.parse(process.argv[1]);
  const [samples, weights] = [batch, cotangents].map((m) => ({ ...m, data: Float64Array.from(m.data) }));
  const backend = tfjsBackend({ engine: 'tensorflow' });
  const network = await backend.load(multilayerPerceptron(options));
  const { data } = await network.vjp(samples, weights);
  console.log(JSON.stringify({ node: process.versions.node, rows: [...data] }));
`;

interface Printed {
  readonly node: string;
  readonly rows: readonly number[];
}

/** Node 23 or newer: this one, or one from npm, kept for the next time. */
async function newerNode(): Promise<string> {
  if (isNewer(process.versions.node)) return process.execPath;
  const isAppleSilicon = process.platform === 'darwin' && process.arch === 'arm64';
  const name = `${isAppleSilicon ? 'node-bin' : 'node'}-${process.platform}-${process.arch}`;
  const folder = join(tmpdir(), 'edjm-node-24');
  const node = join(folder, 'node_modules', name, 'bin/node');
  const works = async () => isNewer((await run(node, ['-p', 'process.versions.node'])).stdout);
  if (await works().catch(() => false)) return node;
  const install = ['install', `${name}@24`, '--prefix', folder, '--no-save', '--ignore-scripts'];
  await run('npm', [...install, '--fetch-retries=1'], { timeout: 240_000 });
  if (!(await works())) throw new Error(`${node} is too old`);
  return node;
}

function isNewer(version: string): boolean {
  return Number.parseInt(version, 10) >= 23;
}

/** Loads the binding alone: whether it is there does not depend on what the newer Node lacks. */
async function loadBinding(): Promise<void> {
  const tfjsNode = dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-node/package.json'));
  const lib = join(tfjsNode, 'lib');
  const [napi = ''] = readdirSync(lib);
  await run(process.execPath, ['-e', 'require(process.argv[1])', join(lib, napi, 'tfjs_binding.node')]);
}

/** The line of a failed command's output that says why. */
function reasonOf(error: unknown): string {
  const lines = error instanceof Error ? error.message.split('\n') : [String(error)];
  return lines.find((line) => /error: |npm error (?!code|errno|syscall)/i.test(line)) ?? lines[0] ?? '';
}

describe('the native engine on a newer Node', () => {
  let node = '';
  let missing: string | undefined;

  beforeAll(async () => {
    try {
      await loadBinding();
    } catch (error) {
      missing = `tfjs-node is not set up (pnpm setup:tfjs-node): ${reasonOf(error)}`;
      return;
    }
    try {
      node = await newerNode();
    } catch (error) {
      missing = `Node 24 could not be installed from npm: ${reasonOf(error)}`;
    }
  }, 300_000);

  const needsBoth = (context: TestContext) => {
    context.skip(missing !== undefined, missing);
  };

  it('has the vector-Jacobian products of the oracle', async (context) => {
    needsBoth(context);
    const { stdout } = await run(
      node,
      [
        '--conditions=@edjm/source',
        '--input-type=module',
        '-e',
        script,
        JSON.stringify({ options, batch, cotangents }),
      ],
      { cwd: packageFolder },
    );
    const printed = JSON.parse(stdout.trim().split('\n').at(-1)!) as Printed;
    expect(isNewer(printed.node)).toBe(true);

    const oracle = await cpuBackend().load(multilayerPerceptron(options));
    const [samples, weights] = [batch, cotangents].map((m) => ({ ...m, data: Float64Array.from(m.data) }));
    const { data } = await oracle.vjp(samples!, weights!);
    expect(printed.rows).toHaveLength(data.length);
    const largestDifference = Math.max(...printed.rows.map((value, i) => Math.abs(value - data[i]!)));
    expect(largestDifference).toBeLessThan(1e-5);
    await oracle.dispose();
  });

  it('is the reason for what the loader puts back', async (context) => {
    needsBoth(context);
    const { stdout } = await run(node, ['-p', 'typeof require("node:util").isNullOrUndefined']);
    expect(stdout.trim()).toBe('undefined');
  });
});
