import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type * as sources from '../../src/index.ts';
import type { AccumulatorMethod, DenseMatrix, SpectrumAccumulator } from '../../src/index.ts';
import { randomMatrix, rowsAt } from '../matrices.ts';

/** The engine's own, whose types are part of TypeScript's library for browsers alone. */
const engine = Reflect.get(globalThis, 'WebAssembly') as { readonly Memory: new (size: object) => object };

let linalg: typeof sources;

beforeEach(async () => {
  // Anew, so that no kernel has a memory left from before.
  vi.resetModules();
  linalg = await import('../../src/index.ts');
});

afterEach(() => {
  vi.unstubAllGlobals();
});

/** Bytes of the float64 arrays and of the WebAssembly memories that are made while something is done. */
async function allocatedBytes(work: () => unknown): Promise<number> {
  let bytes = 0;
  const arrays = new Proxy(Float64Array, {
    construct(target, parameters: [number]) {
      const array = new target(...parameters);
      if (typeof parameters[0] === 'number') bytes += array.byteLength;
      return array;
    },
  });
  const memories = new Proxy(engine.Memory, {
    construct(target, [size]: [{ readonly initial: number }]) {
      bytes += 65_536 * size.initial;
      return new target(size);
    },
  });
  vi.stubGlobal('Float64Array', arrays);
  vi.stubGlobal('WebAssembly', { ...propertiesOf(engine), Memory: memories });
  try {
    await work();
  } finally {
    vi.unstubAllGlobals();
  }
  return bytes;
}

/** The properties of a namespace object, which are not enumerable. */
function propertiesOf(namespace: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.getOwnPropertyNames(namespace).map((name) => [name, Reflect.get(namespace, name) as unknown]),
  );
}

function emptyAccumulator(
  method: AccumulatorMethod,
  { rows, columns }: DenseMatrix,
  directions: number,
): SpectrumAccumulator {
  switch (method) {
    case 'gram':
      return linalg.gramAccumulator(columns);
    case 'dual':
      return linalg.dualAccumulator(columns, rows);
    case 'tsqr':
      return linalg.tsqrAccumulator(columns);
    case 'frequent-directions':
      return linalg.frequentDirectionsAccumulator(columns, { directions });
  }
}

describe('accumulatorMemory', () => {
  const directions = 30;

  it.each<[AccumulatorMethod, number, number]>([
    ['gram', 500, 300],
    ['gram', 40, 300],
    ['dual', 200, 900],
    ['dual', 400, 300],
    ['tsqr', 1200, 300],
    ['tsqr', 100, 300],
    ['frequent-directions', 40, 500],
    ['frequent-directions', 400, 500],
  ])('counts what %s allocates for %i × %i', async (method, rows, columns) => {
    const matrix = randomMatrix(rows, columns, 1);
    const block = 100;
    const size = { rows, columns, block, directions };
    const { kept, adding, finishing, gram } = linalg.accumulatorMemory(method, size);
    let accumulator: SpectrumAccumulator | undefined;
    const inAdding = await allocatedBytes(() => {
      accumulator = emptyAccumulator(method, matrix, directions);
      for (let first = 0; first < rows; first += block) {
        const count = Math.min(block, rows - first);
        accumulator.add(
          rowsAt(
            matrix,
            Array.from({ length: count }, (_, i) => first + i),
          ),
        );
      }
    });
    const inFinishing = await allocatedBytes(() => accumulator?.finish());
    const inGram = await allocatedBytes(() => accumulator?.gram());
    const page = 65_536;
    // Of what is allocated for one batch, or one shrinking of a sketch, most is garbage when the next one comes.
    const steps = Math.ceil(rows / (method === 'frequent-directions' ? directions : block));
    expect(kept + steps * adding + page * 2).toBeGreaterThanOrEqual(inAdding - 8 * rows * columns);
    expect(finishing + 2 * page).toBeGreaterThanOrEqual(inFinishing);
    // What taking rows has left may serve the spectrum too.
    if (method !== 'tsqr') expect(finishing).toBeLessThan(1.6 * inFinishing + 10 * page);
    expect(gram + 2 * page).toBeGreaterThanOrEqual(inGram);
    expect(kept).toBeGreaterThanOrEqual(
      8 * Math.min(rows * columns, (columns * columns) / 2, 2 * directions * columns),
    );
  });

  it('refuses numbers that are no counts', () => {
    for (const wrong of [{ rows: NaN }, { columns: 0 }, { block: -1 }]) {
      expect(() => linalg.accumulatorMemory('gram', { rows: 5, columns: 3, block: 2, ...wrong })).toThrow(
        RangeError,
      );
    }
  });
});
