import { differentiate, readModel, tensorOf, writeModel } from '@edjm/onnx-autodiff';
import { builderAt, noise, type Point } from './vjpCheck.ts';

/** The gradient of a graph's first output as a graph of its own, through a file; its cotangents are a variable too. */
export function gradientPoint(point: Point): Point {
  const builder = builderAt(point);
  const output = point.graph.outputs[0]!.name;
  const { elementType, shape } = builder.type(output);
  const size = shape.reduce((product, dimension) => product * dimension, 1);
  const cotangents = tensorOf(elementType, [1, ...shape], noise(size, 5));
  builder.addInput('given', cotangents);
  const inputs = [...point.variables.keys()];
  const products = differentiate(builder, { output, inputs, cotangents: 'given' });
  const names = products.map((name, index) => builder.nameOutput(`gradient_${String(index)}`, name));
  const graph = readModel(writeModel(builder.build(names)));
  return { graph, variables: new Map([...point.variables, ['given', cotangents]]), constants: new Map() };
}
