import type { GraphBuilder } from '../../graph/graphBuilder.ts';
import type { Node } from '../../model/graph.ts';
import { headNodes } from './headNodes.ts';

/** Operators that make new values of many, or of which a network may consist: probabilities in front of them are hidden ones. */
export const layers: ReadonlySet<string> = new Set([
  ...[
    'MatMul',
    'Gemm',
    'Einsum',
    'Conv',
    'ConvTranspose',
    'RNN',
    'LSTM',
    'GRU',
    'MatMulInteger',
    'ConvInteger',
  ],
  ...[
    'Tanh',
    'Elu',
    'Selu',
    'Celu',
    'Gelu',
    'LeakyRelu',
    'PRelu',
    'Softsign',
    'Softplus',
    'Erf',
    'HardSwish',
    'Mish',
  ],
  ...[
    'BatchNormalization',
    'InstanceNormalization',
    'GroupNormalization',
    'LayerNormalization',
    'RMSNormalization',
  ],
]);

/** Operators each of whose outputs is one of the inputs' values. */
const choosing = new Set(['Concat', 'Where']);

/**
 * The head whose values the tensor is made of by arithmetic alone, such as clipping or dividing by their sum, so that there are no logits.
 *
 * @returns the last node of the head; undefined if other values have a part in it.
 */
export function headInFront(builder: GraphBuilder, output: string): Node | undefined {
  const known = new Map<string, Node | 'other' | 'constant'>();
  const origin = (name: string): Node | 'other' | 'constant' => {
    if (name === '' || builder.constantValue(name) !== undefined) return 'constant';
    const resolved = builder.resolve(name);
    const found = known.get(resolved) ?? originOf(resolved);
    known.set(resolved, found);
    return found;
  };
  const originOf = (name: string): Node | 'other' | 'constant' => {
    const node = builder.producer(name);
    if (node === undefined) return 'other';
    if (headNodes(builder, node) !== undefined) return node;
    if (layers.has(node.opType) || node.domain !== '') return 'other';
    const origins = node.inputs.map(origin).filter((found) => found !== 'constant');
    const head = origins.find((found) => found !== 'other');
    if (head === undefined) return origins.length === 0 ? 'constant' : 'other';
    return choosing.has(node.opType) || origins.every((found) => found !== 'other') ? head : 'other';
  };
  const found = origin(output);
  return typeof found === 'string' ? undefined : found;
}
