import type { BlockRows, DenseMatrix } from '@edjm/core';

/** A copy, since a network may overwrite its results. */
export function copy({ rows, columns, data }: DenseMatrix): DenseMatrix {
  return { rows, columns, data: data.slice() };
}

/** max |a_ij|. */
export function largestMagnitude({ data }: DenseMatrix): number {
  let largest = 0;
  for (const value of data) largest = Math.max(largest, Math.abs(value));
  return largest;
}

/** Row i is Σ_k c_ik times row i of matrix k: the vector-Jacobian products, from the rows of the EDJM. */
export function combine(jacobians: readonly DenseMatrix[], cotangents: DenseMatrix): DenseMatrix {
  const { rows, columns } = jacobians[0] as DenseMatrix;
  const data = Float64Array.from({ length: rows * columns }, (_, at) =>
    jacobians.reduce((sum, jacobian, k) => {
      const weight = cotangents.data[Math.floor(at / columns) * cotangents.columns + k] as number;
      return sum + weight * (jacobian.data[at] as number);
    }, 0),
  );
  return { rows, columns, data };
}

/** Entry (i, k) is the product of row i of matrix k with row i of the tangents: the Jacobian-vector products. */
export function applyEach(jacobians: readonly DenseMatrix[], tangents: DenseMatrix): DenseMatrix {
  const { rows, columns } = tangents;
  const data = Float64Array.from({ length: rows * jacobians.length }, (_, at) => {
    const i = Math.floor(at / jacobians.length);
    const jacobian = jacobians[at % jacobians.length] as DenseMatrix;
    let sum = 0;
    for (let j = i * columns; j < (i + 1) * columns; j++) {
      sum += (jacobian.data[j] as number) * (tangents.data[j] as number);
    }
    return sum;
  });
  return { rows, columns: jacobians.length, data };
}

/** A B. */
export function product(a: DenseMatrix, b: DenseMatrix): DenseMatrix {
  const data = new Float64Array(a.rows * b.columns);
  for (let at = 0; at < data.length; at++) {
    const [row, column] = [Math.floor(at / b.columns), at % b.columns];
    for (let k = 0; k < a.columns; k++) {
      const term = (a.data[row * a.columns + k] as number) * (b.data[k * b.columns + column] as number);
      data[at] = (data[at] as number) + term;
    }
  }
  return { rows: a.rows, columns: b.columns, data };
}

/** Σ_i r_i r_iᵀ over the rows r_i. */
export function gramOfRows({ rows, columns, data }: DenseMatrix): DenseMatrix {
  const gram = new Float64Array(columns * columns);
  for (let i = 0; i < rows; i++) {
    for (let a = 0; a < columns; a++) {
      for (let b = 0; b < columns; b++) {
        const product = (data[i * columns + a] as number) * (data[i * columns + b] as number);
        gram[a * columns + b] = (gram[a * columns + b] as number) + product;
      }
    }
  }
  return { rows: columns, columns, data: gram };
}

/** The symmetric matrix whose lower triangle the block rows hold. */
export function fromBlockRows(blocks: BlockRows): DenseMatrix {
  const order = blocks.reduce((rows, block) => rows + block.rows, 0);
  const data = new Float64Array(order * order).fill(NaN);
  let first = 0;
  for (const block of blocks) {
    for (let row = 0; row < block.rows; row++) {
      for (let column = 0; column <= first + row; column++) {
        const value = block.data[row * block.columns + column] ?? NaN;
        data[(first + row) * order + column] = value;
        data[column * order + first + row] = value;
      }
    }
    first += block.rows;
  }
  return { rows: order, columns: order, data };
}

/** For each sample i the inner product of row i of both matrices, as a column. */
export function rowProducts(a: DenseMatrix, b: DenseMatrix): DenseMatrix {
  const { rows, columns } = a;
  const data = new Float64Array(rows);
  for (let k = 0; k < rows * columns; k++) {
    const i = Math.floor(k / columns);
    data[i] = (data[i] as number) + (a.data[k] as number) * (b.data[k] as number);
  }
  return { rows, columns: 1, data };
}
