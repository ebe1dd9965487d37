import { celu, elu, gelu, leakyRelu, relu, selu, sigmoid, softplus, tanh } from '@edjm/network';
import { describe, expect, it } from 'vitest';
import { elementwise, type ElementwiseLayer } from '../../src/layers/elementwise.ts';
import { expectExactLayer } from '../jacobians.ts';
import { distinctValues } from '../samples.ts';

/** f(−1), f(0) and f(1): by their formulas, evaluated with 20 digits if no closed form is at hand. */
const VALUES: [string, ElementwiseLayer, number, number, number][] = [
  ['relu', relu(), 0, 0, 1],
  ['leakyRelu', leakyRelu(0.2), -0.2, 0, 1],
  ['elu', elu(2), 2 * Math.expm1(-1), 0, 1],
  ['celu', celu(2), 2 * Math.expm1(-0.5), 0, 1],
  ['selu', selu(), -1.1113307378125628, 0, 1.0507009873554805],
  ['sigmoid', sigmoid(), 0.2689414213699951, 0.5, 0.7310585786300049],
  ['tanh', tanh(), -0.7615941559557649, 0, 0.7615941559557649],
  ['softplus', softplus(), 0.31326168751822286, Math.LN2, 1.3132616875182228],
  ['gelu', gelu(), -0.15865525393145707, 0, 0.8413447460685429],
  ['gelu by tanh', gelu('tanh'), -0.15880800939172324, 0, 0.8411919906082768],
];

describe.each(VALUES)('%s', (_, layer, ...expected) => {
  const f = elementwise(layer);

  it('has the values that its formula gives', () => {
    const { y } = f.value(Float64Array.of(-1, 0, 1));
    for (const [i, value] of expected.entries()) expect(y[i]).toBeCloseTo(value, 14);
  });

  it('has exact derivatives', () => {
    expectExactLayer(f, distinctValues(61, 1));
  });

  it('is finite far from 0', () => {
    const { y, vjp } = f.withTangent(Float64Array.of(-1000, 1000, 1, 1));
    const slopes = vjp(Float64Array.of(1, 1, 1, 1));
    expect([...y, ...slopes].every(Number.isFinite)).toBe(true);
  });
});

it('the derivative of relu at 0 is 0', () => {
  const { jvp, vjp } = elementwise(relu()).value(Float64Array.of(0, -0));
  expect(jvp(Float64Array.of(1, 1))).toEqual(Float64Array.of(0, 0));
  expect(vjp(Float64Array.of(1, 1))).toEqual(Float64Array.of(0, 0));
});
