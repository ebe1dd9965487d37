import { coveredOperators, valuesOf, type Tensor } from '@edjm/onnx-autodiff';
import { describe, expect, it } from 'vitest';
import { graphInDouble, inDouble } from './doublePrecision.ts';
import { readNodeTests, type NodeTest } from './nodeTests.ts';
import { checkVjp, evaluate, type Point } from './vjpCheck.ts';

const root = process.env['EDJM_DATA_DIR'];
const cases = root === undefined ? [] : await readNodeTests(root);

const DOUBLE = { step: 1e-6, tolerance: 1e-6 };
const SINGLE = { step: 2 ** -6, tolerance: 1e-3 };

const isReal = ({ elementType }: Tensor) => elementType === 'float32' || elementType === 'float64';

function pointOf({ graph, inputs }: NodeTest): Point {
  const named = graph.inputs.map(({ name }, index) => [name, inputs[index]!] as const);
  const weights = [...graph.initializers].filter(([, tensor]) => isReal(tensor));
  return {
    graph,
    variables: new Map([...named.filter(([, tensor]) => isReal(tensor)), ...weights]),
    constants: new Map(named.filter(([, tensor]) => !isReal(tensor))),
  };
}

function doublePoint({ graph, variables, constants }: Point): Point {
  const inDoubles = [...variables].map(([name, tensor]) => [name, inDouble(tensor)] as const);
  return { graph: graphInDouble(graph), variables: new Map(inDoubles), constants };
}

describe.skipIf(root === undefined)('operators (skipped where EDJM_DATA_DIR does not name the data)', () => {
  describe.each(cases)('$name', (test) => {
    const point = pointOf(test);
    it('forward', async () => {
      const outputs = await evaluate(point);
      outputs.forEach((output, index) => {
        const expected = test.outputs[index]!;
        expect([output.elementType, output.shape]).toEqual([expected.elementType, expected.shape]);
        const values = valuesOf(expected);
        const largest = Math.max(1e-30, ...values.map(Math.abs).filter(Number.isFinite));
        valuesOf(output).forEach((v, i) => { if (!(Math.abs(v - values[i]!) <= 1e-5 * largest || Object.is(v, values[i]))) throw new Error(`forward ${v} ${values[i]}`); });
      });
    });
    it('vjp double', async () => { await checkVjp(doublePoint(point), DOUBLE); });
    it('vjp single', async () => { await checkVjp(point, SINGLE); });
  });
});
