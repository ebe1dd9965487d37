/** A matrix in row-major order. */
interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float32Array | Float64Array;
}

/** The part of a network that its Jacobians come from. */
interface JacobianNetwork {
  readonly dOut: number;
  readonly jacobian?: (batch: Matrix, outputs: readonly number[]) => Promise<readonly Matrix[]>;
}

/** Rows of equal length as a matrix, in float32. */
export function matrixOf(rows: readonly (readonly number[])[]): Matrix {
  return { rows: rows.length, columns: rows[0]?.length ?? 0, data: Float32Array.from(rows.flat()) };
}

/** A row of a matrix. */
export function rowOf({ data, columns }: Matrix, index: number): readonly number[] {
  return Array.from(data.subarray(index * columns, (index + 1) * columns));
}

/** The Jacobian of each sample, d_out × d_in. */
export async function jacobiansOf(network: JacobianNetwork, batch: Matrix): Promise<readonly Matrix[]> {
  const outputs = Array.from({ length: network.dOut }, (_, index) => index);
  const blocks = (await network.jacobian?.(batch, outputs)) ?? [];
  return Array.from({ length: batch.rows }, (_, sample) =>
    matrixOf(blocks.map((block) => rowOf(block, sample))),
  );
}
