import type { InferContext } from '../graph/operator.ts';
import type { TensorBuilder } from '../graph/tensorBuilder.ts';
import type { Node } from '../model/graph.ts';
import { valuesOf, type Tensor } from '../model/tensor.ts';

/** The constant inputs of a node, for rules that fold. */
export function constantsOf(
  node: Node,
  inputs: readonly (Tensor | undefined)[],
): Pick<InferContext, 'node' | 'constant'> {
  return {
    node,
    constant: (index) => {
      const tensor = inputs[index];
      return tensor && valuesOf(tensor);
    },
  };
}

/** The constant inputs of a node, for rules that differentiate. */
export function knownInputs(builder: TensorBuilder, node: Node): Pick<InferContext, 'node' | 'constant'> {
  return constantsOf(
    node,
    node.inputs.map((name) => builder.constantValue(name)),
  );
}
