import { differentiate, tensorOf, valuesOf, type GraphBuilder, type Tensor } from '@edjm/onnx-autodiff';
import { withErfInDouble } from './errorFunction.ts';
import { halfLogDeterminant, type Rows } from './logDeterminant.ts';
import { sessionOf } from './runGraph.ts';
import { builderAt, type Point } from './vjpCheck.ts';

/** A network's weights and inputs, with which to compute the regularizer. */
export interface Regularized {
  /** Its variables are the input and the weights; its first output is n × d_out. */
  readonly point: Point;
  /** Name of the input; the other variables are weights. */
  readonly input: string;
  /** δ, with which small singular values stay away from 0. */
  readonly delta: number;
}

/**
 * The log-determinant form of Eq 13,
 *
 *     R(W) = Σ over outputs of ½ log det(J Jᵀ + δ I),    ∂R/∂J = (J Jᵀ + δ I)⁻¹ J,
 *
 * J the n × d_in rows of an output; with δ = 0 it is Σ log s over the singular values of J.
 */
export interface Regularizer {
  /** J of each output, from the graph of vector-Jacobian products. */
  rows(weights?: ReadonlyMap<string, Tensor>): Promise<readonly Rows[]>;
  value(weights?: ReadonlyMap<string, Tensor>): Promise<number>;
  /** ∂R/∂W for every weight: the rows differentiated with ∂R/∂J as the cotangent. */
  gradients(): Promise<ReadonlyMap<string, readonly number[]>>;
  release(): Promise<void>;
}

/** Row k n + i of the identity repeated for each of n samples: the cotangents of all outputs, [d_out, n, d_out]. */
function unitCotangents(builder: GraphBuilder, output: string): string {
  const { elementType, shape } = builder.type(output);
  const [n = 1, dOut = 1] = shape;
  const values = Array.from({ length: dOut * n * dOut }, (_, index) =>
    Number(Math.floor(index / (n * dOut)) === index % dOut),
  );
  return builder.constant(tensorOf(elementType, [dOut, n, dOut], values));
}

export async function regularizer({ point, input, delta }: Regularized): Promise<Regularizer> {
  const builder = builderAt(point);
  const output = point.graph.outputs[0]!.name;
  const cotangents = unitCotangents(builder, output);
  const [rows = ''] = differentiate(builder, { output, inputs: [input], cotangents });
  const { elementType, shape } = builder.type(rows);
  const [dOut = 1, n = 1, ...sample] = shape;
  const columns = sample.reduce((product, size) => product * size, 1);
  const named = builder.nameOutput('rows', rows);
  const forward = await sessionOf(withErfInDouble(builder.build([named])));
  const weights = [...point.variables.keys()].filter((name) => name !== input);
  builder.addInput('outer', { elementType, shape: [1, ...shape] });
  const products = differentiate(builder, { output: rows, inputs: weights, cotangents: 'outer' });
  const gradientNames = products.map((name, index) => builder.nameOutput(`gradient_${String(index)}`, name));
  const backward = await sessionOf(withErfInDouble(builder.build(gradientNames)));

  const rowsAt = async (changed: ReadonlyMap<string, Tensor> = new Map()): Promise<readonly Rows[]> => {
    const found = await forward(Object.fromEntries([...point.variables, ...changed]));
    const all = Float64Array.from(valuesOf(found.get(named)!));
    return Array.from({ length: dOut }, (_, k) => ({
      rows: n,
      columns,
      data: all.subarray(k * n * columns, (k + 1) * n * columns),
    }));
  };
  return {
    rows: rowsAt,
    async value(changed) {
      const matrices = await rowsAt(changed);
      return matrices.reduce((sum, matrix) => sum + halfLogDeterminant(matrix, delta).value, 0);
    },
    async gradients() {
      const matrices = await rowsAt();
      const outer = matrices.flatMap((matrix) => [...halfLogDeterminant(matrix, delta).gradient]);
      const found = await backward({
        ...Object.fromEntries(point.variables),
        outer: tensorOf(elementType, [1, ...shape], outer),
      });
      return new Map(
        weights.map((name, index) => [name, valuesOf(found.get(gradientNames[index]!)!)] as const),
      );
    },
    async release() {
      await forward.release();
      await backward.release();
    },
  };
}
