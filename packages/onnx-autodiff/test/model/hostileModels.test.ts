import { create } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  GraphProtoSchema,
  NodeProtoSchema,
  TensorProtoSchema,
  ValueInfoProtoSchema,
} from '../../src/generated/onnx_pb.ts';
import { writeModel, type Graph } from '../../src/index.ts';
import { graphOf, ints, node, smallNetwork } from '../models.ts';
import { float32, modelBytes, refusal, withWeights } from '../protos.ts';

function expectRefused(graph: Graph, code: string, says: RegExp): void {
  const error = refusal(writeModel(graph));
  expect(error).toMatchObject({ code, message: expect.stringMatching(says) as string });
}

describe('damaged or hostile bytes', () => {
  it('refuses a file cut off anywhere', () => {
    const bytes = writeModel(smallNetwork());
    expect(refusal(bytes)).toBeUndefined();
    for (let length = 0; length < bytes.length; length += 37) {
      expect(refusal(bytes.subarray(0, length))).toMatchObject({ code: 'INVALID_FILE' });
    }
  });

  it('refuses random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => refusal(bytes)?.code === 'INVALID_FILE'),
    );
  });

  it('refuses or opens a file with wrong bytes in it, and does nothing else', () => {
    const bytes = writeModel(smallNetwork());
    const edit = fc.tuple(fc.nat(bytes.length - 1), fc.constantFrom(0, 1, 0x7f, 0x80, 0xff));
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
        const damaged = Uint8Array.from(bytes);
        for (const [place, value] of edits) damaged[place] = value;
        refusal(damaged);
      }),
      { numRuns: 1000 },
    );
  });

  it('refuses what has no graph, no output or no operator set', () => {
    const graph = { output: [float32('x', [1n])], input: [float32('x', [1n])] };
    for (const model of [{}, { graph: {} }, { graph, opsetImport: [] }])
      expect(refusal(modelBytes(model))).toMatchObject({
        code: 'INVALID_FILE',
        message: expect.stringContaining('m.onnx: ') as string,
      });
  });

  it.each([0n, -1n, 2n ** 62n])('refuses the version %s', (version) => {
    const graph = { output: [float32('x', [1n])], input: [float32('x', [1n])] };
    expect(refusal(modelBytes({ graph, irVersion: version }))?.message).toMatch(
      /format of the file: expected a version/,
    );
    expect(refusal(modelBytes({ graph, opsetImport: [{ domain: '', version }] }))?.message).toMatch(
      /operator set "": expected a version/,
    );
  });

  it.each([
    [
      'fewer values than the shape says',
      { dims: [3n], floatData: [1, 2] },
      /expected 3 values for float32 \[3\], got 2/,
    ],
    [
      'fewer bytes than the shape says',
      { dims: [3n], rawData: new Uint8Array(8) },
      /expected 12 bytes for float32 \[3\], got 8/,
    ],
    ['huge sizes without values', { dims: [2n ** 40n, 2n ** 40n] }, /expected a shape of whole numbers/],
    ['large sizes without values', { dims: [2n ** 40n] }, /expected 1099511627776 values/],
    [
      'negative sizes',
      { dims: [-2n, -1n], floatData: [1, 2] },
      /expected a shape of whole numbers, got \[-2, -1\]/,
    ],
    [
      'too few half floats',
      { dims: [3n], dataType: 10, int32Data: [1] },
      /expected 3 values for float16 \[3\], got 1/,
    ],
  ])('refuses %s', (_, weights, says) => {
    expect(refusal(withWeights(weights))).toMatchObject({
      code: 'INVALID_FILE',
      message: expect.stringMatching(says) as string,
    });
  });

  it('refuses an element type that it has no name for', () => {
    expect(refusal(withWeights({ dims: [1n], dataType: 23, rawData: new Uint8Array(1) }))).toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringContaining('got TensorProto.DataType 23') as string,
    });
  });

  it('refuses sparse weights', () => {
    const graph = { sparseInitializer: [{}], output: [float32('x', [1n])], input: [float32('x', [1n])] };
    expect(refusal(modelBytes({ graph }))).toMatchObject({ code: 'UNSUPPORTED' });
  });

  it('refuses inputs that are no tensors', () => {
    const x = create(ValueInfoProtoSchema, {
      name: 'x',
      type: { value: { case: 'sequenceType', value: {} } },
    });
    expect(refusal(modelBytes({ graph: { input: [x], output: [x] } }))).toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringContaining('"x": expected a tensor, got sequenceType') as string,
    });
  });

  it('refuses names that do not fit together', () => {
    const relu = (input: string, output: string) => node('Relu', [input], { outputs: [output] });
    expectRefused(
      graphOf([relu('x', 'y'), relu('x', 'y')]),
      'INVALID_FILE',
      /one tensor of the name "y", got two, the second from Relu \(node "Relu of y"\)/,
    );
    expectRefused(graphOf([relu('x', 'x')]), 'INVALID_FILE', /one tensor of the name "x"/);
    expectRefused(
      graphOf([relu('nothing', 'y')]),
      'INVALID_FILE',
      /inputs of Relu .* got "nothing", which is none of them/,
    );
    expectRefused(graphOf([relu('x', 'z')]), 'INVALID_FILE', /outputs of the graph .* got "y"/);
    expectRefused(
      graphOf([relu('a', 'b'), relu('b', 'a'), relu('x', 'y')]),
      'INVALID_FILE',
      /got a cycle through Relu/,
    );
    expectRefused(graphOf([relu('y', 'y')]), 'INVALID_FILE', /cycle/);
    const twice = create(TensorProtoSchema, { name: 'w', dataType: 1, dims: [1n], floatData: [1] });
    const graph = { initializer: [twice, twice], output: [float32('w', [1n])] };
    expect(refusal(modelBytes({ graph }))?.message).toMatch(
      /expected a name of its own for every initializer, got 2 initializers of 1 names/,
    );
  });

  it('refuses graphs inside of graphs inside of graphs', () => {
    let body = create(GraphProtoSchema, { name: 'innermost' });
    for (let depth = 0; depth < 200; depth++) {
      const attribute = create(AttributeProtoSchema, {
        name: 'body',
        type: AttributeProto_AttributeType.GRAPH,
        g: body,
      });
      body = create(GraphProtoSchema, {
        node: [create(NodeProtoSchema, { opType: 'Loop', attribute: [attribute] })],
      });
    }
    const graph = { ...body, output: [float32('x', [1n])], input: [float32('x', [1n])] };
    const shallow = modelBytes({ graph });
    expect(() => refusal(shallow)).not.toThrow();
    // The same a hundred thousand levels deep, written by hand: a field of bytes around a field of bytes.
    const parts: number[][] = [];
    let length = 0;
    for (let depth = 0; depth < 100_000; depth++) {
      // graph.node = 1, node.attribute = 5, attribute.g = 6.
      for (const field of [6, 5, 1]) {
        const header = [(field << 3) | 2];
        for (let rest = length; ; rest >>>= 7) {
          header.push(rest > 0x7f ? (rest & 0x7f) | 0x80 : rest);
          if (rest <= 0x7f) break;
        }
        parts.push(header);
        length += header.length;
      }
    }
    const deep = Uint8Array.from(parts.toReversed().flat());
    const header = modelBytes({}).length;
    const file = new Uint8Array(header + 6 + deep.length);
    file.set(modelBytes({}));
    file.set(
      [
        0x3a,
        (deep.length & 0x7f) | 0x80,
        ((deep.length >> 7) & 0x7f) | 0x80,
        ((deep.length >> 14) & 0x7f) | 0x80,
        deep.length >> 21,
      ],
      header,
    );
    file.set(deep, header + 5);
    expect(refusal(file.subarray(0, header + 5 + deep.length))).toMatchObject({ code: 'INVALID_FILE' });
  });

  it('refuses windows and paddings that would fill the memory', () => {
    const huge = 2 ** 30;
    const pool = { kernel_shape: { ints: [huge] }, pads: { ints: [huge, huge] } };
    const image = { inputs: [{ name: 'x', elementType: 'float32' as const, shape: [1, 1, 8] }] };
    expectRefused(
      graphOf([node('MaxPool', ['x'], { attributes: pool })], image),
      'UNSUPPORTED',
      /at most 4194304 places/,
    );
    expectRefused(
      graphOf([node('AveragePool', ['x'], { attributes: pool })], image),
      'UNSUPPORTED',
      /at most 4194304 places/,
    );
    const padded = { ...image, initializers: new Map([['p', ints(0, 0, huge, 0, 0, huge)]]) };
    const reflect = { mode: { string: 'reflect' } };
    expectRefused(
      graphOf([node('Pad', ['x', 'p'], { attributes: reflect })], padded),
      'UNSUPPORTED',
      /at most 4194304 places/,
    );
  });

  it('does not make tensors that a file only describes', () => {
    const inputs = [{ name: 'x', elementType: 'float32' as const, shape: [1, 2 ** 20, 2 ** 20] }];
    const spaces = ['GlobalMaxPool', 'GlobalAveragePool', 'Dropout', 'Relu'];
    for (const opType of spaces)
      expect(refusal(writeModel(graphOf([node(opType, ['x'])], { inputs })))).toBeUndefined();
    const filled = graphOf([node('ConstantOfShape', ['s'], { outputs: ['c'] }), node('Add', ['x', 'c'])], {
      inputs: [{ name: 'x', elementType: 'float32', shape: [1] }],
      initializers: new Map([['s', ints(2 ** 25, 2 ** 25)]]),
    });
    expect(() => refusal(writeModel(filled))).not.toThrow();
  });
});
