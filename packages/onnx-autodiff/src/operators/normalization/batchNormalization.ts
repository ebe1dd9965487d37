/**
 * Batch normalization in inference mode, y = (x − μ) s + β with s = γ / √(σ² + ε), per channel:
 *
 *     ∂x = g s      ∂γ = Σ g (x − μ) / √(σ² + ε)      ∂β = Σ g
 *     ∂μ = −s Σ g   ∂σ² = −½ s / (σ² + ε) Σ g (x − μ)
 */
import { affineIn } from '../../graph/affine.ts';
import { EdjmError } from '@edjm/core';
import { broadcastShapes, unbroadcast } from '../../graph/broadcasting.ts';
import { describeNode, floatAttribute, intAttribute, withAttributes, type Node } from '../../model/graph.ts';
import type { Operator } from '../../graph/operator.ts';

/** Before operator set 14 more than one output meant training; before set 7 `is_test` said so. */
function isTraining(node: Node, opset: number): boolean {
  if (intAttribute(node, 'training_mode', 0) !== 0) return true;
  if (opset < 7) return intAttribute(node, 'is_test', 0) === 0;
  return node.outputs.filter((name) => name !== '').length > 1;
}

/** BatchNormalization. */
export const batchNormalization: Readonly<Record<string, Operator>> = {
  BatchNormalization: {
    affine: affineIn([0]),
    upgrade: (node, opset) => {
      if (isTraining(node, opset) || intAttribute(node, 'spatial', 1) === 0) {
        throw new EdjmError(
          'UNSUPPORTED',
          `${describeNode(node)}: expected batch normalization per channel in inference mode, got training mode or spatial = 0. Export the network in evaluation mode.`,
        );
      }
      return withAttributes(node, ['is_test', 'spatial', 'consumed_inputs', 'training_mode', 'momentum']);
    },
    infer: ({ node, input }) => {
      const [, channels = 1] = input(0).shape;
      for (const index of [1, 2, 3, 4]) broadcastShapes(node, [channels], input(index).shape);
      return [input(0)];
    },
    vjp: ({ builder, node, input, needs, cotangent }) => {
      const [, channels = 1, ...space] = builder.shape(input(0));
      const perChannel = [channels, ...space.map(() => 1)];
      const channelwise = (name: string) => builder.reshape(name, perChannel);
      const epsilon = builder.scalar(floatAttribute(node, 'epsilon', 1e-5), input(4));
      const variance = builder.add(input(4), epsilon);
      const deviation = builder.sqrt(variance);
      const [k = 1] = builder.shape(cotangent());
      const total = (g: string) => builder.reshape(unbroadcast(builder, g, perChannel), [k, channels]);
      const scale = () => builder.div(input(1), deviation);
      const centeredTotal = () => {
        const centered = builder.sub(input(0), channelwise(input(3)));
        return total(builder.mul(cotangent(), centered));
      };
      const toVariance = () => {
        const share = builder.mul(builder.div(scale(), variance), -0.5);
        return builder.mul(centeredTotal(), share);
      };
      return [
        needs(0) ? builder.mul(cotangent(), channelwise(scale())) : undefined,
        needs(1) ? builder.div(centeredTotal(), deviation) : undefined,
        needs(2) ? total(cotangent()) : undefined,
        needs(3) ? builder.mul(total(cotangent()), builder.neg(scale())) : undefined,
        needs(4) ? toVariance() : undefined,
      ];
    },
  },
};
