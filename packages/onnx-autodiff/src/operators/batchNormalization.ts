/**
 * Batch normalisation in inference mode, y = (x − μ) s + β with s = γ / √(σ² + ε), per channel:
 *
 *     ∂x = g s      ∂γ = Σ g (x − μ) / √(σ² + ε)      ∂β = Σ g
 */
import { EdjmError } from '@edjm/core';
import { reshaped, unbroadcast } from '../broadcasting.ts';
import { describeNode, floatAttribute, intAttribute, withAttributes } from '../graph.ts';
import type { Operator } from '../operator.ts';

/** BatchNormalization. */
export const normalizations: Readonly<Record<string, Operator>> = {
  BatchNormalization: {
    upgrade: (node) => {
      if (intAttribute(node, 'training_mode', 0) !== 0 || intAttribute(node, 'spatial', 1) === 0) {
        throw new EdjmError(
          'UNSUPPORTED',
          `${describeNode(node)}: expected batch normalisation per channel in inference mode, got training_mode or spatial = 0. Export the network in evaluation mode.`,
        );
      }
      const [y = ''] = node.outputs;
      return {
        ...withAttributes(node, ['is_test', 'spatial', 'consumed_inputs', 'training_mode']),
        outputs: [y],
      };
    },
    infer: ({ input }) => [input(0)],
    vjp: ({ builder, node, input, needs, cotangent }) => {
      const shape = builder.shape(input(0));
      const [channels = 1] = builder.shape(input(1));
      const perChannel = [channels, ...shape.slice(2).map(() => 1)];
      const channelwise = (name: string) => reshaped(builder, name, perChannel);
      const epsilon = builder.scalar(floatAttribute(node, 'epsilon', 1e-5), input(4));
      const deviation = builder.emit('Sqrt', [builder.emit('Add', [input(4), epsilon])]);
      const [k = 1] = builder.shape(cotangent());
      const total = (g: string) => reshaped(builder, unbroadcast(builder, g, perChannel), [k, channels]);
      const gamma = () => {
        const centred = builder.emit('Sub', [input(0), channelwise(input(3))]);
        return total(
          builder.emit('Mul', [cotangent(), builder.emit('Div', [centred, channelwise(deviation)])]),
        );
      };
      const scale = () => channelwise(builder.emit('Div', [input(1), deviation]));
      return [
        needs(0) ? builder.emit('Mul', [cotangent(), scale()]) : undefined,
        needs(1) ? gamma() : undefined,
        needs(2) ? total(cotangent()) : undefined,
      ];
    },
  },
};
