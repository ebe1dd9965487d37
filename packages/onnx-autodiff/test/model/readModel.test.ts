import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  TensorProto_DataLocation,
  TypeProtoSchema,
} from '../../src/generated/onnx_pb.ts';
import { readModel, tensorOf, valuesOf, writeModel, type Subgraph } from '../../src/index.ts';
import { floats, graphOf, node, smallNetwork } from '../models.ts';
import { refusal, withWeights } from '../protos.ts';

describe('readModel', () => {
  it('reads what writeModel writes', () => {
    const graph = smallNetwork();
    expect(readModel(writeModel(graph))).toEqual(graph);
  });

  it('reads attributes, shapes and tensors of every kind', () => {
    const opaque = create(AttributeProtoSchema, {
      name: 'type',
      type: AttributeProto_AttributeType.TYPE_PROTO,
      tp: create(TypeProtoSchema, { denotation: 'any' }),
    });
    const inner: Subgraph = {
      name: 'inner',
      inputs: [{ name: 'i', elementType: 'int64', shape: [] }, { name: 'any' }],
      outputs: [{ name: 'o' }],
      initializers: new Map([['w', floats([2], 1, 2)]]),
      nodes: [node('Add', ['i', 'w'], { outputs: ['s'] }), node('Mul', ['s', 'x'], { outputs: ['o'] })],
    };
    const attributes = {
      int: { int: -3 },
      float: { float: 0.5 },
      string: { string: 'naïve' },
      ints: { ints: [1, -2, 2 ** 40] },
      floats: { floats: [0.25, -1] },
      strings: { strings: ['a', ''] },
      tensor: { tensor: floats([2], 1, 2) },
      type: { opaque },
      body: { graph: inner },
    };
    const types = [
      'float32',
      'float64',
      'int64',
      'int32',
      'int16',
      'int8',
      'uint8',
      'uint16',
      'uint32',
      'uint64',
      'bool',
    ] as const;
    const graph = graphOf([{ ...node('Custom', ['x', '']), domain: 'ai.example', attributes }], {
      opsets: new Map([
        ['', 21],
        ['ai.example', 2],
      ]),
      inputs: [
        { name: 'x', elementType: 'float32', shape: [1, 'n', undefined] },
        { name: 'scalar', elementType: 'float64', shape: [] },
        { name: 'any', elementType: 'bool' },
      ],
      initializers: new Map(types.map((type) => [type, tensorOf(type, [2, 1], [1, 0])])),
    });
    expect(readModel(writeModel(graph))).toEqual(graph);
    expect(writeModel(readModel(writeModel(graph)))).toEqual(writeModel(graph));
  });

  it('takes both names of the standard operator set for one', () => {
    const graph = graphOf([{ ...node('Relu', ['x']), domain: 'ai.onnx' }], {
      opsets: new Map([['ai.onnx', 17]]),
    });
    const found = readModel(writeModel(graph));
    expect(found.opsets).toEqual(new Map([['', 17]]));
    expect(found.nodes[0]!.domain).toBe('');
  });

  it('does not count initializers as inputs', () => {
    const graph = graphOf([node('Add', ['x', 'w'])], {
      inputs: [
        { name: 'x', elementType: 'float32', shape: [2] },
        { name: 'w', elementType: 'float32', shape: [2] },
      ],
      initializers: new Map([['w', floats([2], 1, 2)]]),
    });
    expect(readModel(writeModel(graph)).inputs.map(({ name }) => name)).toEqual(['x']);
  });

  it('brings nodes in an order in which they can run', () => {
    const nodes = [
      node('Add', ['a', 'b']),
      node('Neg', ['a'], { outputs: ['b'] }),
      node('Exp', ['x'], { outputs: ['a'] }),
    ];
    const found = readModel(writeModel(graphOf(nodes)));
    expect(found.nodes.map(({ opType }) => opType)).toEqual(['Exp', 'Neg', 'Add']);
  });

  it('reads long chains of nodes in the wrong order', () => {
    const length = 20_000;
    const nodes = Array.from({ length }, (_, index) =>
      node('Neg', [index === length - 1 ? 'x' : `t${String(index + 1)}`], {
        outputs: [index === 0 ? 'y' : `t${String(index)}`],
      }),
    );
    expect(readModel(writeModel(graphOf(nodes))).nodes[0]!.inputs).toEqual(['x']);
  });

  it.each([
    ['floatData', { dataType: 1, floatData: [1, 2] }, [1, 2]],
    ['doubleData', { dataType: 11, doubleData: [1, 2] }, [1, 2]],
    ['int32Data of bytes', { dataType: 3, int32Data: [1, -2] }, [1, -2]],
    ['int32Data of truth values', { dataType: 9, int32Data: [1, 0] }, [1, 0]],
    ['int64Data', { dataType: 7, int64Data: [1n, -2n] }, [1, -2]],
    ['uint64Data', { dataType: 13, uint64Data: [1n, 2n] }, [1, 2]],
  ])('reads weights in %s', (_, fields, values) => {
    expect(valuesOf(readModel(withWeights({ dims: [2n], ...fields })).initializers.get('w')!)).toEqual(
      values,
    );
  });

  it('reads half floats, which are bytes to it', () => {
    const found = readModel(withWeights({ dims: [2n], dataType: 10, int32Data: [0x3c00, 0x4000] }));
    expect(Array.from(found.initializers.get('w')!.bytes)).toEqual([0x00, 0x3c, 0x00, 0x40]);
  });

  describe('with weights outside the file', () => {
    const external = (entries: Readonly<Record<string, string>>) =>
      withWeights({
        dims: [2n],
        dataLocation: TensorProto_DataLocation.EXTERNAL,
        externalData: Object.entries(entries).map(([key, value]) => ({ key, value })),
      });

    it('asks for their bytes', () => {
      const asked: unknown[] = [];
      const readExternal = (data: unknown) => {
        asked.push(data);
        return new Uint8Array(Float32Array.of(1, 2).buffer);
      };
      const found = readModel(external({ location: 'w.bin', offset: '64' }), { readExternal });
      expect(asked).toEqual([{ location: 'w.bin', offset: 64, length: 8 }]);
      expect(valuesOf(found.initializers.get('w')!)).toEqual([1, 2]);
    });

    it.each([
      ['no way to read them', { location: 'w.bin' }, /lies in the file "w.bin" beside the model/],
      ['an offset that is none', { location: 'w.bin', offset: '-1' }, /expected an offset .*, got -1/],
      ['another length', { location: 'w.bin', length: '9' }, /expected 8 bytes for float32 \[2\], got 9/],
    ])('refuses %s', (_, entries, says) => {
      expect(refusal(external(entries))).toMatchObject({
        code: 'INVALID_FILE',
        message: expect.stringMatching(says) as string,
      });
    });

    it('refuses bytes that do not fit', () => {
      const read = () =>
        readModel(external({ location: 'w.bin' }), { readExternal: () => new Uint8Array(7) });
      expect(read).toThrow(/the model: initializer "w": expected 8 bytes for float32 \[2\], got 7/);
    });
  });
});
