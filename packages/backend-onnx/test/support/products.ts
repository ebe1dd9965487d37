import { differentiate, tensorOf, valuesOf } from '@edjm/onnx-autodiff';
import { sessionOf } from './runGraph.ts';
import { builderAt, type Point } from './vjpCheck.ts';

/** The products of one cotangent of the output `y` with its derivatives with respect to each variable, by name. */
export async function productsOf(
  point: Point,
  cotangent: readonly number[],
): Promise<ReadonlyMap<string, readonly number[]>> {
  const builder = builderAt(point);
  const { elementType, shape } = builder.type('y');
  const cotangents = tensorOf(elementType, [1, ...shape], cotangent);
  builder.addInput('cotangents', cotangents);
  const inputs = [...point.variables.keys()];
  const products = differentiate(builder, { output: 'y', inputs, cotangents: 'cotangents' });
  const names = products.map((name, index) => builder.nameOutput(`product_${String(index)}`, name));
  const run = await sessionOf(builder.build(names));
  try {
    const found = await run({ ...Object.fromEntries(point.variables), cotangents });
    return new Map(inputs.map((name, index) => [name, valuesOf(found.get(names[index]!)!)]));
  } finally {
    await run.release();
  }
}
