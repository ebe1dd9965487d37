import type { DenseMatrix } from '@edjm/core';
import { type ReferenceCase, referenceCases } from '@edjm/conformance';
import { expect, it } from 'vitest';
import { cpuBackend } from '../src/index.ts';

/** The conformance kit ships what this backend computes, so that other backends need not have it at hand. */
it('the golden values of the conformance kit are what this backend gives', async () => {
  const lines = await Promise.all(referenceCases().map(goldenLine));
  await expect(`{\n${lines.join(',\n')}\n}\n`).toMatchFileSnapshot(
    '../../conformance/src/generated/golden.json',
  );
});

async function goldenLine({ name, network, outputKind, batch }: ReferenceCase): Promise<string> {
  const loaded = await cpuBackend().load(network, { outputKind });
  const outputs = rounded(await loaded.forward(batch));
  const jacobians: number[][] = [];
  for (let k = 0; k < loaded.dOut; k++) {
    jacobians.push(rounded(await loaded.vjp(batch, unitRows(batch.rows, loaded.dOut, k))));
  }
  await loaded.dispose();
  return `${JSON.stringify(name)}: ${JSON.stringify({ outputs, jacobians })}`;
}

function rounded(matrix: DenseMatrix): number[] {
  return Array.from(matrix.data, (value) => Number(value.toPrecision(10)));
}

/** Every row is the unit vector e_k. */
function unitRows(rows: number, columns: number, k: number): DenseMatrix {
  const data = Float64Array.from({ length: rows * columns }, (_, at) => (at % columns === k ? 1 : 0));
  return { rows, columns, data };
}
