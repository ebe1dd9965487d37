import type { Attribute } from '../../model/graph.ts';

/** The value of an attribute of each kind. */
interface Values {
  readonly int: number;
  readonly float: number;
  readonly string: string;
  readonly ints: readonly number[];
}

/** The kind of each attribute that the writer's methods take; an attribute has the same kind in all operators. */
const kinds = {
  alpha: 'float',
  auto_pad: 'string',
  axis: 'int',
  beta: 'float',
  ceil_mode: 'int',
  coordinate_transformation_mode: 'string',
  count_include_pad: 'int',
  dilations: 'ints',
  exclusive: 'int',
  group: 'int',
  kernel_shape: 'ints',
  mode: 'string',
  nearest_mode: 'string',
  output_padding: 'ints',
  pads: 'ints',
  reduction: 'string',
  reverse: 'int',
  strides: 'ints',
  transA: 'int',
  transB: 'int',
} as const;

type Name = keyof typeof kinds;

/** Values of attributes, by name; one that is left out or undefined keeps the operator's default. */
type Attributes<Names extends Name> = {
  readonly [Key in Names]?: Values[(typeof kinds)[Key]] | undefined;
};

type WindowName = 'auto_pad' | 'kernel_shape' | 'strides' | 'dilations' | 'pads';

/** Attributes of a convolution, by ONNX's names. */
export type ConvAttributes = Attributes<WindowName | 'group'>;

/** Attributes of a transposed convolution, by ONNX's names. */
export type ConvTransposeAttributes = Attributes<WindowName | 'group' | 'output_padding'>;

/** Attributes of a pooling, by ONNX's names. */
export type PoolAttributes = Attributes<WindowName | 'ceil_mode' | 'count_include_pad'>;

/** Attributes of a cumulative sum, by ONNX's names. */
export type CumSumAttributes = Attributes<'exclusive' | 'reverse'>;

/** Attributes of a product of matrices, by ONNX's names. */
export type GemmAttributes = Attributes<'alpha' | 'beta' | 'transA' | 'transB'>;

/** Attributes of the piecewise linear sigmoid, by ONNX's names. */
export type HardSigmoidAttributes = Attributes<'alpha' | 'beta'>;

/** Attributes of a resampling, by ONNX's names. */
export type ResizeAttributes = Attributes<'coordinate_transformation_mode' | 'mode' | 'nearest_mode'>;

/** Attributes of writing elements to their places, by ONNX's names. */
export type ScatterAttributes = Attributes<'axis' | 'reduction'>;

/** Values as the attributes of a node. */
export function attributesFrom(values: Attributes<Name>): Readonly<Record<string, Attribute>> {
  const given = (Object.keys(values) as Name[]).filter((name) => values[name] !== undefined);
  return Object.fromEntries(given.map((name) => [name, { [kinds[name]]: values[name] } as Attribute]));
}
