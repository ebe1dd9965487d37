import { referenceCases } from '@edjm/conformance';
import { dense, logSoftmax, type Network, residual, softmax, tanh, withoutSoftmax } from '@edjm/network';
import type { OutputKind } from '@edjm/core';
import { describe, expect, it } from 'vitest';
import { networkFunction, tangentFunction } from '../src/networkFunction.ts';
import { expectExactDerivatives, expectExactTangents } from './jacobians.ts';
import { weightOf } from './samples.ts';

function ended(network: Network, outputKind: OutputKind): Network {
  const logits = withoutSoftmax(network);
  if (outputKind === 'logit') return logits;
  const ending = outputKind === 'probability' ? softmax() : logSoftmax();
  return { ...logits, layers: [...logits.layers, ending] };
}

describe('networkFunction', () => {
  it('adds both branches of a residual layer', () => {
    const double = dense({ weight: weightOf([1, 1], [2]) });
    const layers = [residual([double, double]), residual([double], [double, double, double])];
    const { y, vjp } = networkFunction({ name: 'branches', inputShape: [1], layers })(Float64Array.of(3));
    expect(y).toEqual(Float64Array.of(150));
    expect(vjp(Float64Array.of(1))).toEqual(Float64Array.of(50));
  });

  it('is the identity without layers', () => {
    const { y } = networkFunction({ name: 'empty', inputShape: [2], layers: [] })(Float64Array.of(1, 2));
    expect(y).toEqual(Float64Array.of(1, 2));
  });

  it('refuses a network that is not consistent', () => {
    const layers = [dense({ weight: weightOf([1, 3]) }), tanh()];
    expect(() => networkFunction({ name: 'narrow', inputShape: [2], layers })).toThrow(
      expect.objectContaining({ code: 'SHAPE_MISMATCH' }) as Error,
    );
  });

  // Where the derivative is a convention, differences say nothing. Agreement elsewhere also shows that no kink lies
  // within a step of the samples, so that float32 backends can be held to the same values.
  const smooth = referenceCases().filter(({ name }) => name !== 'activation: relu at 0');
  it.each(smooth)(
    '$name: first and second derivatives agree with central differences',
    ({ network, outputKind, batch }) => {
      const f = networkFunction(ended(network, outputKind));
      const withTangent = tangentFunction(ended(network, outputKind));
      for (let i = 0; i < batch.rows; i++) {
        const x = Float64Array.from(batch.data.subarray(i * batch.columns, (i + 1) * batch.columns));
        expectExactDerivatives(f, x, 1e-7);
        expectExactTangents({ value: f, withTangent }, x, 1e-6);
      }
    },
  );
});
