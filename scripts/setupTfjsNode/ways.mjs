/** The ways to get tfjs-node's native part into a copy of its package. Each throws if it fails. */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { run, tellingLines } from './processes.mjs';
import { filesToUnpack, wheelFor } from './wheel.mjs';

/** The environment in which node-pre-gyp is found, a Node to run it, and Node's headers if they lie beside it. */
function buildEnv(folder) {
  const nodePreGyp = dirname(
    createRequire(join(folder, 'package.json')).resolve('@mapbox/node-pre-gyp/package.json'),
  );
  const path = [join(nodePreGyp, 'bin'), process.env.PATH, dirname(process.execPath)].join(delimiter);
  const prefix = dirname(dirname(process.execPath));
  const hasHeaders = existsSync(join(prefix, 'include/node/node_api.h'));
  return {
    PATH: path,
    ...(hasHeaders && process.env.npm_config_nodedir === undefined && { npm_config_nodedir: prefix }),
  };
}

/** The install script of tfjs-node: downloads TensorFlow's libraries and a binding, both built by its authors. */
export async function byItsInstallScript(folder) {
  const output = await run(process.execPath, ['scripts/install.js'], { cwd: folder, env: buildEnv(folder) });
  // The script ends with exit code 0 after some failures too.
  if (!existsSync(join(folder, 'lib'))) {
    throw new Error(['the script made no binding', ...tellingLines(output)].join('\n'));
  }
}

const unzip = `
import json, pathlib, shutil, sys, zipfile
wheel, listing, deps = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive:
    if deps == '':
        pathlib.Path(listing).write_text(json.dumps(archive.namelist()))
    else:
        for name, place in json.loads(pathlib.Path(listing).read_text()).items():
            target = pathlib.Path(deps, place)
            target.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(name) as source, target.open('wb') as sink:
                shutil.copyfileobj(source, sink, 1 << 20)
`;

/** Compiles the binding against the libraries in TensorFlow's wheel for Python. */
export async function fromPythonWheel(folder, tell) {
  const { distribution, libraries, env } = wheelFor(process.platform, process.arch);
  // node-gyp reads the same variable.
  const python = process.env.PYTHON ?? 'python3';
  const compiler = process.env.CXX?.split(' ')[0] ?? 'g++';
  for (const tool of ['make', compiler]) await run(tool, ['--version']);
  const [download, temporary, deps] = ['wheel', 'tmp', 'deps'].map((name) => join(folder, name));
  mkdirSync(temporary);
  mkdirSync(join(deps, 'lib'), { recursive: true });

  tell(`pip downloads ${distribution}, some 270 MB`);
  const pip = ['-m', 'pip', 'download', distribution, '--no-deps', '--only-binary=:all:', '--dest', download];
  // If there are several indexes and one is out of reach, pip would wait for it time and again.
  await run(python, [...pip, '--retries', '1', '--progress-bar', 'off', '--no-input'], {
    env: { TMPDIR: temporary },
    limit: 1800,
  });

  tell('unpacking its libraries, some 850 MB');
  const wheel = join(download, readdirSync(download)[0]);
  const listing = join(folder, 'listing.json');
  await run(python, ['-c', unzip, wheel, listing, '']);
  const files = filesToUnpack(JSON.parse(readFileSync(listing, 'utf8')), Object.keys(libraries));
  writeFileSync(listing, JSON.stringify(files));
  await run(python, ['-c', unzip, wheel, listing, deps]);
  rmSync(download, { recursive: true });
  for (const [library, alias] of Object.entries(libraries)) {
    if (alias !== undefined) symlinkSync(library, join(deps, 'lib', alias));
  }

  tell('compiling the binding');
  await run('node-pre-gyp', ['install', '--build-from-source'], {
    cwd: folder,
    env: { ...buildEnv(folder), ...env },
  });
  rmSync(join(deps, 'include'), { recursive: true });
}
