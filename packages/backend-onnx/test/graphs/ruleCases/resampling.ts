import { tensorOf, type Attribute } from '@edjm/onnx-autodiff';
import { ints, node } from '../../support/smallGraphs.ts';
import { single, type RuleCase } from './ruleCase.ts';

type Attributes = Readonly<Record<string, Attribute>>;

interface Resized {
  readonly shape: readonly number[];
  readonly attributes: Attributes;
  readonly scales?: readonly number[];
  readonly sizes?: readonly number[];
  readonly region?: readonly number[];
  readonly opset?: number;
}

const floats = (values: readonly number[]) => tensorOf('float32', [values.length], values);

function resized({ shape, attributes, scales, sizes, region, opset = 18 }: Resized): RuleCase {
  const constants = {
    ...(region && { region: floats(region) }),
    ...(scales && { scales: floats(scales) }),
    ...(sizes && { sizes: ints(...sizes) }),
  };
  const inputs = ['x', region ? 'region' : '', scales ? 'scales' : '', ...(sizes ? ['sizes'] : [])];
  return {
    variables: { x: shape },
    constants,
    nodes: [node('Resize', inputs, { attributes })],
    opset,
    ...single,
  };
}

const text = (attributes: Readonly<Record<string, string>>): Attributes =>
  Object.fromEntries(Object.entries(attributes).map(([name, string]) => [name, { string }]));

const coordinates = 'half_pixel asymmetric pytorch_half_pixel align_corners tf_half_pixel_for_nn'.split(' ');
const roundings = 'round_prefer_floor round_prefer_ceil floor ceil'.split(' ');

/** Every way of counting coordinates and rounding them, up and down at once. */
const nearestCases = coordinates.flatMap((coordinate) =>
  roundings.map((rounding): [string, RuleCase] => [
    `Resize to the nearest, ${coordinate}, ${rounding}`,
    resized({
      shape: [1, 2, 4, 5],
      sizes: [1, 2, 7, 3],
      attributes: text({ coordinate_transformation_mode: coordinate, nearest_mode: rounding }),
    }),
  ]),
);

const smoothCases = ['linear', 'cubic'].flatMap((mode) =>
  [...coordinates, 'half_pixel_symmetric'].map((coordinate): [string, RuleCase] => [
    `Resize, ${mode}, ${coordinate}`,
    resized({
      shape: [1, 2, 4, 5],
      scales: [1, 1, 1.7, 0.65],
      attributes: text({ mode, coordinate_transformation_mode: coordinate }),
      opset: 19,
    }),
  ]),
);

const antialiasCases = ['linear', 'cubic'].flatMap((mode) =>
  [0, 1].map((outside): [string, RuleCase] => [
    `Resize, ${mode}, antialias, exclude_outside ${String(outside)}`,
    resized({
      shape: [1, 1, 7, 9],
      sizes: [1, 1, 3, 4],
      attributes: { ...text({ mode }), antialias: { int: 1 }, exclude_outside: { int: outside } },
    }),
  ]),
);

const crop = { coordinate_transformation_mode: 'tf_crop_and_resize' };

/** Resampling in every mode. */
export const resamplingCases: Readonly<Record<string, RuleCase>> = {
  ...Object.fromEntries([...nearestCases, ...smoothCases, ...antialiasCases]),
  'Resize by whole factors, as the default counts': resized({
    shape: [2, 1, 2, 3],
    scales: [1, 1, 3, 2],
    attributes: {},
  }),
  'Resize in one axis, linear': resized({
    shape: [2, 2, 5],
    sizes: [2, 2, 8],
    attributes: text({ mode: 'linear' }),
  }),
  'Resize in three axes, linear': resized({
    shape: [1, 1, 2, 3, 2],
    scales: [1, 1, 2, 1.5, 2],
    attributes: text({ mode: 'linear' }),
  }),
  'Resize with the channels last, linear': resized({
    shape: [1, 3, 4, 2],
    scales: [1, 2, 1.5, 1],
    attributes: text({ mode: 'linear' }),
  }),
  'Resize of named axes': resized({
    shape: [1, 2, 3, 4],
    sizes: [6, 5],
    attributes: { ...text({ mode: 'linear' }), axes: { ints: [3, 2] } },
  }),
  'Resize to no more than a size': resized({
    shape: [1, 1, 4, 6],
    sizes: [7, 8],
    attributes: { ...text({ keep_aspect_ratio_policy: 'not_larger' }), axes: { ints: [2, 3] } },
  }),
  'Resize to no less than a size': resized({
    shape: [1, 1, 4, 6],
    sizes: [7, 8],
    attributes: {
      ...text({ mode: 'linear', keep_aspect_ratio_policy: 'not_smaller' }),
      axes: { ints: [2, 3] },
    },
  }),
  'Resize, cubic, of another coefficient, without what is outside': resized({
    shape: [1, 1, 4, 5],
    scales: [1, 1, 1.6, 0.8],
    attributes: { ...text({ mode: 'cubic' }), cubic_coeff_a: { float: -0.5 }, exclude_outside: { int: 1 } },
  }),
  'Resize of a region, linear': resized({
    shape: [1, 1, 4, 4],
    sizes: [1, 1, 3, 5],
    region: [0, 0, 0.4, 0.6, 1, 1, 1.2, 1.7],
    attributes: { ...text({ mode: 'linear', ...crop }), extrapolation_value: { float: 10 } },
  }),
  'Resize of a region of named axes, nearest': resized({
    shape: [1, 1, 4, 4],
    sizes: [3, 1],
    region: [0.4, 0.6, 0.6, 0.8],
    attributes: { ...text(crop), axes: { ints: [2, 3] } },
  }),
  'Resize of a region, cubic': resized({
    shape: [1, 1, 4, 4],
    sizes: [1, 1, 5, 3],
    region: [0, 0, -0.1, 0.2, 1, 1, 0.8, 1.1],
    attributes: text({ mode: 'cubic', ...crop }),
  }),
  'Resize, as it began: up': {
    variables: { x: [1, 1, 3, 4] },
    constants: { scales: floats([1, 1, 1.5, 2]) },
    nodes: [node('Resize', ['x', 'scales'])],
    opset: 10,
    ...single,
  },
  'Resize, as it began: up and down': {
    variables: { x: [1, 1, 3, 5] },
    constants: { scales: floats([1, 1, 2, 0.6]) },
    nodes: [node('Resize', ['x', 'scales'])],
    opset: 10,
    ...single,
  },
  'Resize, as it began: linear': {
    variables: { x: [1, 1, 3, 5] },
    constants: { scales: floats([1, 1, 2, 0.6]) },
    nodes: [node('Resize', ['x', 'scales'], { attributes: text({ mode: 'linear' }) })],
    opset: 10,
    ...single,
  },
  'Upsample by an attribute': {
    variables: { x: [1, 2, 2, 3] },
    nodes: [
      node('Upsample', ['x'], {
        attributes: { ...text({ mode: 'nearest' }), scales: { floats: [1, 1, 2.5, 2] } },
      }),
    ],
    opset: 7,
    ...single,
  },
  'Upsample, linear': {
    variables: { x: [1, 2, 2, 3] },
    constants: { scales: floats([1, 1, 2, 1.5]) },
    nodes: [node('Upsample', ['x', 'scales'], { attributes: text({ mode: 'linear' }) })],
    opset: 9,
    ...single,
  },
};
