/** The used part of WebAssembly: its types are part of TypeScript's library for browsers alone. */
interface WebAssemblyNamespace {
  readonly Module: new (bytes: Uint8Array) => WebAssemblyModule;
  readonly Memory: new (size: MemorySize) => WebAssemblyMemory;
  readonly Instance: new (
    module: WebAssemblyModule,
    imports: { readonly env: { readonly memory: WebAssemblyMemory } },
  ) => { readonly exports: object };
}

interface MemorySize {
  readonly initial: number;
  readonly maximum?: number;
  readonly shared?: boolean;
}

/** A compiled module; it may be posted to workers. */
export type WebAssemblyModule = object;

/** The memory of an instance. */
export interface WebAssemblyMemory {
  readonly buffer: ArrayBuffer | SharedArrayBuffer;
}

/** The engine's own WebAssembly. */
export function webAssembly(): WebAssemblyNamespace {
  const found: unknown = Reflect.get(globalThis, 'WebAssembly');
  if (found === undefined) {
    throw new RangeError('expected WebAssembly, got none. Run in Node or in a browser that has it.');
  }
  return found as WebAssemblyNamespace;
}
