import { coveredOperators, tensorOf, valuesOf, type Tensor } from '@edjm/onnx-autodiff';
import { describe, expect, it } from 'vitest';
import { expectClose } from '../support/expectClose.ts';
import { readNodeTests, type NodeTest } from '../support/nodeTests.ts';
import { pointIn } from '../support/precision.ts';
import { checkVjp, evaluate, noise, type Accuracy, type Point } from '../support/vjpCheck.ts';

const root = process.env['EDJM_DATA_DIR'];
const cases = root === undefined ? [] : await readNodeTests(root);

/** What feed-forward and convolutional networks are made of: these must be covered. */
const needed =
  'Gemm MatMul Add Sub Mul Div Neg Relu LeakyRelu PRelu Elu Selu Celu Sigmoid HardSigmoid Tanh Softplus Gelu Erf Exp Log ' +
  'Sqrt Pow Abs Clip Softmax LogSoftmax Conv MaxPool AveragePool GlobalAveragePool GlobalMaxPool BatchNormalization ' +
  'Dropout Identity Flatten Reshape Transpose Squeeze Unsqueeze Concat Split Slice Pad Gather ReduceMean ReduceSum Cast ' +
  'Constant ConstantOfShape Shape';

/** Differences in float64. */
const DOUBLE: Accuracy = { step: 1e-6, tolerance: 1e-6 };
/** Of a float32 difference, relative to the largest derivative: rounding of the outputs divided by the step. */
const SINGLE_TOLERANCE = 1e-3;

/**
 * Operators that ONNX Runtime runs in float32 alone, or whose derivative needs one of them, with the step of the
 * differences: long where the function is linear, so that rounding counts least, short where it bends.
 */
const singlePrecision: Readonly<Record<string, number>> = {
  AveragePool: 2 ** -4,
  Celu: 2 ** -9,
  Conv: 2 ** -4,
  ConvTranspose: 2 ** -4,
  Erf: 2 ** -9,
  Gelu: 2 ** -9,
  GlobalAveragePool: 2 ** -4,
  GlobalMaxPool: 2 ** -8,
  InstanceNormalization: 2 ** -9,
  MaxPool: 2 ** -8,
};

/** Of those operators' cases the ones that run in float64 all the same. */
const doubleAllTheSame: Readonly<Record<string, string>> = {
  'node/test_gelu_tanh_1': 'the approximation by tanh needs no Erf',
};

/** Memory that nobody wrote numbers to: far too large or far too small for any. */
const isUninitialized = (value: number) => value !== 0 && Math.abs(Math.log10(Math.abs(value))) > 200;

/** Published inputs at which differences say nothing, with what some of their values are; others are used for it. */
const unusable: Readonly<
  Record<string, { readonly because: string; readonly is: (value: number) => boolean }>
> = {
  'node/test_cast_DOUBLE_to_FLOAT': { because: 'not finite', is: (value) => !Number.isFinite(value) },
  'pytorch-operator/test_operator_add_broadcast': { because: 'not initialized', is: isUninitialized },
  'pytorch-operator/test_operator_add_size1_right_broadcast': {
    because: 'not initialized',
    is: isUninitialized,
  },
  'pytorch-operator/test_operator_pow': { because: 'negative, under a power', is: (value) => value < 0 },
  'pytorch-operator/test_operator_sqrt': { because: 'negative, under a root', is: (value) => value < 0 },
  'simple/test_sign_model': { because: 'at the jump', is: (value) => value === 0 },
};

const SHAPE = 'a shape is made of whole numbers';
/** The cases that have no derivative, with the reason. */
const withoutDerivative: Readonly<Record<string, string>> = {
  'node/test_constantofshape_float_ones': 'it takes a shape alone',
  'node/test_pow_types_int64_float32':
    'the base is a whole number and so is the power; the exponent is rounded',
  'node/test_shape': SHAPE,
  'node/test_shape_clip_start': SHAPE,
  'node/test_shape_end_negative_1': SHAPE,
  'node/test_shape_start_1': SHAPE,
  'node/test_shape_start_1_end_negative_1': SHAPE,
  'node/test_shape_start_negative_1': SHAPE,
};

const isReal = ({ elementType }: Tensor) => elementType === 'float32' || elementType === 'float64';

function publishedPoint({ graph, inputs }: NodeTest): Point {
  const named = graph.inputs.map(({ name }, index) => [name, inputs[index]!] as const);
  const weights = [...graph.initializers].filter(([, tensor]) => isReal(tensor));
  return {
    graph,
    variables: new Map([...named.filter(([, tensor]) => isReal(tensor)), ...weights]),
    constants: new Map(named.filter(([, tensor]) => !isReal(tensor))),
  };
}

/** The same graph at numbers between ½ and 1½. */
function otherPoint(point: Point): Point {
  const moved = [...point.variables].map(([name, { elementType, shape }], index) => {
    const values = noise(
      shape.reduce((product, size) => product * size, 1),
      index,
    );
    return [
      name,
      tensorOf(
        elementType,
        shape,
        values.map((value) => 1 + value / 2),
      ),
    ] as const;
  });
  return { ...point, variables: new Map(moved) };
}

describe.skipIf(root === undefined)('operators (skipped where EDJM_DATA_DIR does not name the data)', () => {
  it('are those of feed-forward and convolutional networks, at least', () => {
    expect(needed.split(' ').filter((operator) => !coveredOperators.has(operator))).toEqual([]);
  });

  it('are all covered in the cases', () => {
    const uncovered = cases.flatMap(({ operators }) =>
      operators.filter((name) => !coveredOperators.has(name)),
    );
    expect(uncovered).toEqual([]);
  });

  it('are told apart by lists that name cases and operators that exist', () => {
    const names = new Set(cases.map(({ name }) => name));
    const operators = new Set(cases.flatMap((test) => test.operators));
    const listed = [unusable, doubleAllTheSame, withoutDerivative].flatMap((table) => Object.keys(table));
    expect(listed.filter((name) => !names.has(name))).toEqual([]);
    expect(Object.keys(singlePrecision).filter((name) => !operators.has(name))).toEqual([]);
  });

  describe.each(cases.map((test) => ({ ...test, published: publishedPoint(test) })))('$name', (test) => {
    const { name, operators, outputs, published } = test;

    it('gives the published outputs, of the inferred types', async () => {
      const found = await evaluate(published);
      outputs.forEach((expected, index) => {
        expectClose(found[index]!, expected);
      });
    });

    it('gives them of constants, folded if it can be', async () => {
      const constants = new Map(test.graph.inputs.map((input, index) => [input.name, test.inputs[index]!]));
      const found = await evaluate({ graph: test.graph, variables: new Map(), constants });
      outputs.forEach((expected, index) => {
        expectClose(found[index]!, expected);
      });
    });

    const steps = operators.flatMap((operator) => singlePrecision[operator] ?? []);
    const isSingle = steps.length > 0 && !(name in doubleAllTheSame);
    const single: Accuracy = { step: Math.min(...steps), tolerance: SINGLE_TOLERANCE };
    const point = name in unusable ? otherPoint(published) : published;

    const none = withoutDerivative[name];
    if (none === undefined) {
      it('has products that agree with differences', async () => {
        expect(published.variables.size > 0 && outputs.some(isReal)).toBe(true);
        await (isSingle ? checkVjp(point, single) : checkVjp(pointIn('float64', point), DOUBLE));
      });
    } else {
      it(`has no derivative: ${none}`, () => {
        expect(published.variables.size > 0 && outputs.some(isReal)).toBe(false);
      });
    }

    if (isSingle) {
      it('has no kernel in float64', async () => {
        await expect(checkVjp(pointIn('float64', point), DOUBLE)).rejects.toThrow(
          /implementation|invalid model/,
        );
      });
    }

    const reason = unusable[name];
    if (reason !== undefined) {
      it(`has published inputs that are ${reason.because}`, () => {
        const values = [...published.variables.values()].flatMap(valuesOf);
        expect(values.some(reason.is)).toBe(true);
      });
    }
  });
});
