import { describe, expect, it } from 'vitest';
import { added, body, count, loopOf, numbers, refusal, refused, to } from '../bodies.ts';
import { graphOf } from '../models.ts';

describe('sequences', () => {
  it('are lists: their length is known, whatever they hold', () => {
    const graph = graphOf([
      to('s', 'SequenceConstruct', 'x', 'x'),
      to('n', 'SequenceLength', 's'),
      to('y', 'Neg', 'x'),
    ]);
    expect(numbers(added(graph), 'n')).toEqual([2]);
  });

  it('go through loops', () => {
    const insert = body(
      ['t', 'c', 's'],
      [to('e', 'Sin', 'x'), to('n', 'SequenceInsert', 's', 'e')],
      ['c', 'n'],
    );
    const graph = graphOf(
      [
        to('none', 'SequenceEmpty'),
        loopOf(['m', '', 'none'], insert, ['s']),
        to('y', 'ConcatFromSequence', 's'),
      ],
      { initializers: new Map([['m', count(3)]]) },
    );
    expect(added(graph).shape('y')).toEqual([6, 4]);
  });

  it.each([
    ['a tensor in their place', [to('y', 'SequenceAt', 'x', 'p')], /expected a sequence, got the tensor "x"/],
    [
      'a position that is none',
      [to('s', 'SequenceConstruct', 'x'), to('y', 'SequenceAt', 's', 'p')],
      /expected a position in a sequence of 1 tensors, got 1/,
    ],
    [
      'nothing to join',
      [to('s', 'SequenceEmpty'), to('y', 'ConcatFromSequence', 's')],
      /expected a sequence of at least one tensor, got none/,
    ],
    [
      'pieces of no size',
      [to('s', 'SplitToSequence', 'x', 'none'), to('y', 'SequenceAt', 's', 'p')],
      /expected pieces of at least 1, got 0/,
    ],
  ])('are refused with %s', (_, nodes, says) => {
    const initializers = new Map([
      ['p', count(1)],
      ['none', count(0)],
    ]);
    expect(refusal(graphOf(nodes, { initializers }))).toEqual(refused('INVALID_FILE', says));
  });

  it('are refused if loops make them too long', () => {
    const twice = body(['t', 'c', 's'], [to('n', 'SequenceInsert', 's', 'x')], ['c', 'n']);
    const graph = graphOf(
      [
        to('none', 'SequenceEmpty'),
        loopOf(['m', '', 'none'], twice, ['s']),
        to('y', 'ConcatFromSequence', 's'),
      ],
      { initializers: new Map([['m', count(2 ** 17)]]) },
    );
    expect(refusal(graph)).toEqual(refused('UNSUPPORTED', /at most 131072 nodes in all/));
  });
});
