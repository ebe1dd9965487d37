/** The files of a TensorFlow wheel that tfjs-node can be built against, and the names under which it looks for them. */

const elf = {
  libraries: {
    'libtensorflow_cc.so.2': 'libtensorflow.so',
    'libtensorflow_framework.so.2': 'libtensorflow_framework.so',
  },
  env: {},
};

// Untested: no Mac was at hand. The wheel's libraries name themselves `@rpath/…`, which tfjs-node's build leaves open.
const machO = {
  libraries: {
    'libtensorflow_cc.2.dylib': 'libtensorflow.2.dylib',
    'libtensorflow_framework.2.dylib': undefined,
  },
  env: { LDFLAGS: '-Wl,-rpath,@loader_path/../../deps/lib' },
};

const platforms = {
  'linux-x64': { ...elf, distribution: 'tensorflow-cpu' },
  // Untested. On these platforms the plain distribution is the one without CUDA.
  'linux-arm64': { ...elf, distribution: 'tensorflow' },
  'darwin-x64': { ...machO, distribution: 'tensorflow' },
  'darwin-arm64': { ...machO, distribution: 'tensorflow' },
};

/**
 * The distribution on PyPI that has TensorFlow's libraries for a platform, the names of those libraries with the names
 * that the build wants beside them, and what the build needs in its environment.
 */
export function wheelFor(platform, arch) {
  const found = platforms[`${platform}-${arch}`];
  if (found !== undefined) return found;
  const known = Object.keys(platforms).join(', ');
  const instead =
    platform === 'win32' ? 'Use the Linux subsystem, or' : 'Build TensorFlow for your machine, or';
  throw new Error(
    `expected one of ${known}, got ${platform}-${arch}. ${instead} one of the other engines: they need no setup.`,
  );
}

const headers = /^tensorflow\/include\/((?:tensorflow|tsl|xla\/tsl)\/.+\.h)$/;

/** The names in a wheel to unpack, with the place of each in tfjs-node's folder `deps`. */
export function filesToUnpack(names, libraries) {
  const there = new Set(names);
  const files = {};
  for (const library of libraries) {
    const name = `tensorflow/${library}`;
    if (!there.has(name)) throw new Error(`expected ${name} in the wheel, got ${there.size} other files.`);
    files[name] = `lib/${library}`;
  }
  for (const name of names) {
    const header = headers.exec(name)?.[1];
    if (header !== undefined) files[name] = `include/${header}`;
  }
  return files;
}
