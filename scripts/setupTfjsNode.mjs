/**
 * Makes @tensorflow/tfjs-node work in this repository. pnpm runs no install scripts here, and the script of this package
 * downloads from a host that many networks block. If it fails, the binding is compiled against the TensorFlow of pip.
 */
import { realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { check } from './setupTfjsNode/check.mjs';
import { endAll } from './setupTfjsNode/processes.mjs';
import { promote, stage, stagingFolder, unstage } from './setupTfjsNode/staging.mjs';
import { byItsInstallScript, fromPythonWheel } from './setupTfjsNode/ways.mjs';

const ways = [
  { name: 'its own install script', go: byItsInstallScript },
  { name: "the libraries in TensorFlow's wheel for Python", go: fromPythonWheel },
];

const advice = `What helps, one of:
- a network, or a proxy in HTTPS_PROXY, through which the install script reaches its download host;
- a mirror of that host in TFJS_NODE_CDN_STORAGE, its address with a slash at the end;
- python3 with pip and an index that has TensorFlow; make; a C++ compiler such as g++; node-gyp, which npm brings.
All but the engine of tfjs-node works without it.`;

const start = performance.now();

function tell(text) {
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  process.stderr.write(`tfjs-node: ${seconds.padStart(5)} s  ${text}\n`);
}

/** Gets the native part into `packageFolder` by the first way that works; reports the result, or the reasons of all failures. */
async function setUp(packageFolder) {
  const failures = [];
  for (const { name, go } of ways) {
    const staged = stage(packageFolder);
    try {
      tell(`trying ${name}`);
      await go(staged, tell);
      await check(staged);
      promote(staged, packageFolder);
      return { result: await check(packageFolder), failures };
    } catch (error) {
      tell(`failed: ${error.message.split('\n').slice(0, 2).join('; ')}`);
      failures.push(`By ${name}: ${error.message.replaceAll('\n', '\n    ')}`);
    } finally {
      unstage(staged);
    }
  }
  return { result: undefined, failures };
}

const manifest = '@tensorflow/tfjs-node/package.json';
const backend = new URL('../packages/backend-tfjs/package.json', import.meta.url);
const packageFolder = dirname(realpathSync(createRequire(backend).resolve(manifest)));

for (const [signal, exitCode] of Object.entries({ SIGHUP: 129, SIGINT: 130, SIGTERM: 143 })) {
  process.once(signal, () => {
    endAll();
    unstage(stagingFolder(packageFolder));
    process.exit(exitCode);
  });
}

const before = await check(packageFolder).catch(() => undefined);
if (before !== undefined) {
  tell(`works already: ${before}`);
} else {
  const { result, failures } = await setUp(packageFolder);
  if (result !== undefined) {
    tell(`works: ${result}`);
  } else {
    process.stderr.write(['\ntfjs-node could not be set up.', ...failures, '', advice, ''].join('\n'));
    process.exitCode = 1;
  }
}
