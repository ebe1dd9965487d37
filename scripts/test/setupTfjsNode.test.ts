import { describe, expect, it } from 'vitest';

interface WheelModule {
  wheelFor: (platform: string, arch: string) => { distribution: string; libraries: object };
  filesToUnpack: (names: readonly string[], libraries: readonly string[]) => Record<string, string>;
}

const { wheelFor, filesToUnpack } = (await import(
  new URL('../setupTfjsNode/wheel.mjs', import.meta.url).href
)) as WheelModule;

const libraries = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'];

describe('the wheel for a platform', () => {
  it('has the libraries that the build looks for, or stand-ins for them', () => {
    const linux = wheelFor('linux', 'x64');
    expect(linux.distribution).toBe('tensorflow-cpu');
    expect(linux.libraries).toEqual({
      'libtensorflow_cc.so.2': 'libtensorflow.so',
      'libtensorflow_framework.so.2': 'libtensorflow_framework.so',
    });
    expect(wheelFor('darwin', 'arm64').libraries).toHaveProperty('libtensorflow_framework.2.dylib');
  });

  it('is refused with what to do instead if there is none', () => {
    expect(() => wheelFor('win32', 'x64')).toThrow(/linux-x64.* got win32-x64\. Use the Linux subsystem/);
    expect(() => wheelFor('linux', 'riscv64')).toThrow(/got linux-riscv64.*other engines/);
  });
});

describe('of the names in a wheel', () => {
  const binaries = libraries.map((library) => `tensorflow/${library}`);

  it('the libraries and the headers of TensorFlow are unpacked, nothing else', () => {
    const names = [
      'tensorflow/__init__.py',
      'tensorflow/_api/v2/summary.h',
      'tensorflow/include/Eigen/Core.h',
      'tensorflow/include/tensorflow/c/BUILD',
      'tensorflow/include/tensorflow/c/c_api.h',
      'tensorflow/include/tsl/platform/ctstring.h',
      'tensorflow/include/xla/service/hlo.h',
      'tensorflow/include/xla/tsl/c/tsl_status.h',
      'tensorflow/libtensorflow_other.so.2',
      ...binaries,
      'tensorflow_cpu-2.21.0.dist-info/RECORD',
    ];
    expect(filesToUnpack(names, libraries)).toEqual({
      'tensorflow/include/tensorflow/c/c_api.h': 'include/tensorflow/c/c_api.h',
      'tensorflow/include/tsl/platform/ctstring.h': 'include/tsl/platform/ctstring.h',
      'tensorflow/include/xla/tsl/c/tsl_status.h': 'include/xla/tsl/c/tsl_status.h',
      'tensorflow/libtensorflow_cc.so.2': 'lib/libtensorflow_cc.so.2',
      'tensorflow/libtensorflow_framework.so.2': 'lib/libtensorflow_framework.so.2',
    });
  });

  it('a missing library is named', () => {
    expect(() => filesToUnpack(binaries.slice(1), libraries)).toThrow(
      'expected tensorflow/libtensorflow_cc.so.2 in the wheel, got 1 other files.',
    );
  });
});
