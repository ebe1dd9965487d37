import { tensorOf, type Tensor } from '@edjm/onnx-autodiff';
import { ints, node } from '../../support/smallGraphs.ts';
import type { RuleCase } from './ruleCase.ts';

const count = (value: number): Tensor => tensorOf('int64', [], [value]);
const to = (output: string, opType: string, inputs: readonly string[]) =>
  node(opType, inputs, { outputs: [output] });

/** Sequences of tensors. */
export const sequencesCases: Readonly<Record<string, RuleCase>> = {
  'SequenceConstruct, SequenceInsert, SequenceErase, SequenceAt': {
    variables: { a: [2, 3], b: [2, 3], c: [2, 3], d: [2, 3] },
    constants: { first: count(0), last: count(-1) },
    nodes: [
      to('two', 'SequenceConstruct', ['a', 'b']),
      to('three', 'SequenceInsert', ['two', 'c', 'first']),
      to('four', 'SequenceInsert', ['three', 'd']),
      to('rest', 'SequenceErase', ['four', 'first']),
      to('shorter', 'SequenceErase', ['rest']),
      to('one', 'SequenceAt', ['shorter', 'last']),
      to('other', 'SequenceAt', ['four', 'first']),
      to('size', 'SequenceLength', ['four']),
      node('CastLike', ['size', 'a'], { outputs: ['factor'] }),
      to('scaled', 'Mul', ['one', 'factor']),
      node('Add', ['scaled', 'other']),
    ],
  },
  'ConcatFromSequence along an axis': {
    variables: { a: [2, 3], b: [2, 1] },
    nodes: [
      to('none', 'SequenceEmpty', []),
      to('first', 'SequenceInsert', ['none', 'a']),
      to('both', 'SequenceInsert', ['first', 'b']),
      node('ConcatFromSequence', ['both'], { attributes: { axis: { int: -1 } } }),
    ],
    elementType: 'float32',
  },
  'SplitToSequence, ConcatFromSequence along a new axis': {
    variables: { x: [2, 6] },
    constants: { two: count(2) },
    nodes: [
      node('SplitToSequence', ['x', 'two'], { outputs: ['parts'], attributes: { axis: { int: 1 } } }),
      node('ConcatFromSequence', ['parts'], { attributes: { axis: { int: -1 }, new_axis: { int: 1 } } }),
    ],
  },
  'SplitToSequence of given sizes, the last of them': {
    variables: { x: [2, 5] },
    constants: { sizes: ints(1, 4), last: count(1) },
    nodes: [
      node('SplitToSequence', ['x', 'sizes'], { outputs: ['parts'], attributes: { axis: { int: -1 } } }),
      node('SequenceAt', ['parts', 'last']),
    ],
  },
  'SplitToSequence without the axis, and with a shorter last piece': {
    variables: { x: [3, 2] },
    constants: { two: count(2), last: count(-1) },
    nodes: [
      node('SplitToSequence', ['x'], { outputs: ['rows'], attributes: { keepdims: { int: 0 } } }),
      node('SplitToSequence', ['x', 'two'], { outputs: ['pieces'] }),
      to('row', 'SequenceAt', ['rows', 'last']),
      to('piece', 'SequenceAt', ['pieces', 'last']),
      node('Mul', ['row', 'piece']),
    ],
  },
};
