import type { Attribute } from '@edjm/onnx-autodiff';
import { describe, expect, it } from 'vitest';
import { expectClose } from '../support/expectClose.ts';
import { node, pointOf } from '../support/smallGraphs.ts';
import { engineOutputs, evaluate } from '../support/vjpCheck.ts';

const BATCH = 2;
const STEPS = 3;
const FEATURES = 2;
const HIDDEN = 2;
const DIRECTIONS = 2;

const direction: Readonly<Record<string, Attribute>> = {
  direction: { string: 'bidirectional' },
  hidden_size: { int: HIDDEN },
};

/** A node with the batch first, in the engine's layout: its inputs turned before it, its outputs after it. */
describe('the layout with the batch first, which the engine lacks', () => {
  it.each([
    ['LSTM', 4, ['h', 'c']],
    ['GRU', 3, ['h']],
    ['RNN', 1, ['h']],
  ])('%s is the other layout with its axes exchanged', async (opType, gates, states) => {
    const width = gates * HIDDEN;
    const variables = {
      x: [BATCH, STEPS, FEATURES],
      w: [DIRECTIONS, width, FEATURES],
      r: [DIRECTIONS, width, HIDDEN],
      ...Object.fromEntries(states.map((name) => [name, [BATCH, DIRECTIONS, HIDDEN]])),
    };
    const outputs = ['y', ...states.map((name) => `y_${name}`)];
    const turned = (name: string, perm: readonly number[]) =>
      node('Transpose', [`${name}_in`], { outputs: [name], attributes: { perm: { ints: perm } } });
    const first = node(opType, ['x', 'w', 'r', '', '', ...states], {
      outputs,
      attributes: { ...direction, layout: { int: 1 } },
    });
    const exchanged = ['x', ...states].map((name) =>
      node('Transpose', [name], { outputs: [`${name}_turned`], attributes: { perm: { ints: [1, 0, 2] } } }),
    );
    const second = node(opType, ['x_turned', 'w', 'r', '', '', ...states.map((name) => `${name}_turned`)], {
      outputs: outputs.map((name) => `${name}_in`),
      attributes: direction,
    });
    const back = [turned('y', [2, 0, 1, 3]), ...outputs.slice(1).map((name) => turned(name, [1, 0, 2]))];
    const small = { variables, outputs, elementType: 'float32', opset: 22 } as const;
    const found = await evaluate(pointOf({ ...small, nodes: [first] }));
    const expected = await engineOutputs(pointOf({ ...small, nodes: [...exchanged, second, ...back] }));
    expect(found).toHaveLength(outputs.length);
    for (const [index, tensor] of found.entries()) expectClose(tensor, expected[index]!);
  });
});
