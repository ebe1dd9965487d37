import type * as h5wasm from 'h5wasm';

type FileSystem = Awaited<typeof h5wasm.ready>['FS'];

/** The file that stands in for standard error. */
const LOG = '/edjm-hdf5-errors';

/** The errors of HDF5. */
export interface Hdf5Errors {
  /** The innermost reason so far; empty if HDF5 told none. */
  reason(): string;
  /** Lets HDF5 write to the console again. */
  release(): void;
}

/**
 * Collects what HDF5 would write to the console. It also offers to throw instead, and by and by loses its stack.
 */
export function collectErrors(fs: FileSystem): Hdf5Errors {
  const streams: unknown = Reflect.get(fs, 'streams');
  const log = fs.open(LOG, 'w+');
  const list: unknown[] = Array.isArray(streams) ? streams : [];
  const standardError = list[2];
  list[2] = log;
  return {
    reason: () => innermost(fs.readFile(LOG, { encoding: 'utf8' })),
    release() {
      list[2] = standardError;
      fs.close(log);
      fs.unlink(LOG);
    },
  };
}

/** HDF5 lists calls from the outermost to the innermost: #006: H5Fsuper.c line 577 in H5F__super_read(): reason. */
function innermost(report: string): string {
  const reasons = [...report.matchAll(/^ *#\d+: .*\(\): (.*)$/gm)].map(([, reason]) => reason ?? '');
  return reasons.at(-1) ?? '';
}
