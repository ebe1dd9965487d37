import { describe, expect, it } from 'vitest';
import { coveredOperators, NodeWriter, type NewNode, type Node } from '../../src/index.ts';

/** Keeps the nodes that its methods add. */
class Recorder extends NodeWriter {
  readonly nodes: NewNode[] = [];

  protected override write(node: NewNode): readonly string[] {
    this.nodes.push(node);
    return Array.from({ length: node.outputs ?? 1 }, (_, index) => `t${String(index)}`);
  }

  override scalar(value: number, like: string): string {
    return `${String(value)} like ${like}`;
  }

  override ints(values: readonly number[]): string {
    return `[${values.join()}]`;
  }
}

/** The methods that are named like operators of tensors alone: those that the class holds as functions. */
const ofTensors = Object.entries(new Recorder()).flatMap(([name, method]) =>
  typeof method === 'function' ? [name] : [],
);

describe('NodeWriter', () => {
  it('has methods for operators of tensors', () => {
    expect(ofTensors).toContain('mul');
    expect(ofTensors).toContain('reduceSum');
  });

  it.each(ofTensors)('%s adds the operator of that name, which has a rule', (name) => {
    const writer = new Recorder();
    const operands = name.startsWith('reduce') ? ['x'] : ['x', 'y'];
    (Reflect.get(writer, name) as (...names: string[]) => string)(...operands);
    const [node] = writer.nodes;
    expect(node!.opType.toLowerCase()).toBe(name.toLowerCase());
    expect([...coveredOperators.keys()]).toContain(node!.opType);
  });

  it('takes numbers for scalars of the other operand', () => {
    const writer = new Recorder();
    writer.sub(1, 'x');
    writer.clip('x', -1, '');
    expect(writer.nodes.map(({ inputs }) => inputs)).toEqual([
      ['1 like x', 'x'],
      ['x', '-1 like x', ''],
    ]);
  });

  it('leaves out attributes that are not given', () => {
    const writer = new Recorder();
    writer.conv(['x', 'w', undefined], { strides: [2, 2], group: undefined });
    expect(writer.nodes).toEqual([
      { opType: 'Conv', inputs: ['x', 'w'], attributes: { strides: { ints: [2, 2] } } },
    ]);
  });

  it('leaves out the inputs behind the last one that is given', () => {
    const writer = new Recorder();
    writer.slice('x', { starts: [0], ends: [2] });
    writer.slice('x', { starts: [0], ends: [2], steps: [2] });
    expect(writer.nodes.map(({ inputs }) => inputs)).toEqual([
      ['x', '[0]', '[2]'],
      ['x', '[0]', '[2]', '', '[2]'],
    ]);
  });

  it('copies a node with what is its own', () => {
    const writer = new Recorder();
    const attributes = { upper: { int: 0 } };
    const node: Node = { opType: 'Trilu', domain: '', name: 'n', inputs: ['x'], outputs: ['y'], attributes };
    expect(writer.copy(node, { inputs: ['z'] })).toEqual(['t0']);
    expect(writer.nodes).toEqual([{ opType: 'Trilu', domain: '', inputs: ['z'], attributes }]);
  });

  it('refuses operators and attributes that do not exist, when it is compiled', () => {
    const writer = new Recorder();
    // @ts-expect-error there is no such operator
    expect(writer.multiply).toBeUndefined();
    // @ts-expect-error a convolution has no such attribute
    writer.conv(['x', 'w'], { stride: [1] });
  });
});
