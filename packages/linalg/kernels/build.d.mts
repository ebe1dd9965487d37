/** The TypeScript module that holds a kernel's WebAssembly. */
export function embed(name: string): Promise<string>;

/** Kernels there are. */
export function kernelNames(): Promise<string[]>;
