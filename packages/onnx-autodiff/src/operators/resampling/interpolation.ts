/**
 * Resampling along one axis as a matrix R, [output size, input size]: y = R x. Each output place has a coordinate among
 * the inputs, and its row of R holds the weights of the inputs near it:
 *
 *     nearest   1 at the input that the coordinate rounds to
 *     linear    1 − t and t at the two inputs around it, t = distance from the first
 *     cubic     Keys' cubic of the distances at four, R. Keys, "Cubic convolution interpolation for digital image
 *               processing", IEEE Trans. ASSP 29 (1981)
 *     antialias the same functions of the distance, stretched over the inputs that one output stands for
 *
 * Coordinates are computed in float32, as ONNX Runtime computes them: their last bit decides which input is nearest.
 */

/** How values are resampled, in the terms of Resize. */
export interface Interpolation {
  readonly mode: 'nearest' | 'linear' | 'cubic';
  readonly coordinates: CoordinateMode;
  readonly rounding: NearestMode;
  /** Keys' parameter a. */
  readonly cubicCoefficient: number;
  /** Whether inputs beyond the border weigh nothing; otherwise they equal those at the border. */
  readonly excludeOutside: boolean;
  readonly antialias: boolean;
}

/** An axis that is resampled. */
export interface ResampledAxis {
  /** Number of inputs. */
  readonly size: number;
  /** Number of outputs. */
  readonly count: number;
  readonly scale: number;
  /** The part of the axis that `tf_crop_and_resize` takes, from 0 to 1. */
  readonly region: readonly [number, number];
}

const single = Math.fround;

const halfPixel = (place: number, scale: number): number => single(single(single(place + 0.5) / scale) - 0.5);

/** The coordinate among the inputs of an output place, by mode. */
const coordinateModes = {
  half_pixel: (place, { scale }) => halfPixel(place, scale),
  half_pixel_symmetric: (place, { size, count, scale }) => {
    const adjustment = single(count / single(scale * size));
    const offset = single(single(size / 2) * single(1 - adjustment));
    return single(offset + (place + 0.5) / scale - 0.5);
  },
  pytorch_half_pixel: (place, { count, scale }) => (count > 1 ? halfPixel(place, scale) : 0),
  tf_half_pixel_for_nn: (place, { scale }) => single(single(place + 0.5) / scale),
  asymmetric: (place, { scale }) => single(place / scale),
  align_corners: (place, { size, count }) =>
    count === 1 ? 0 : single(single(place * (size - 1)) / (count - 1)),
  tf_crop_and_resize: (place, { size, count, region: [start, end] }) => {
    if (count === 1) return single(0.5 * single(single(start + end) * (size - 1)));
    const stretched = single(single(place * single(end - start)) * (size - 1));
    return single(single(start * (size - 1)) + single(stretched / (count - 1)));
  },
} satisfies Record<string, (place: number, axis: ResampledAxis) => number>;

/** A rule that gives outputs their coordinates among the inputs. */
export type CoordinateMode = keyof typeof coordinateModes;

// Math.round takes halves up, C's round away from 0: the two differ below 0 alone, which the border takes.
const nearestModes = {
  round_prefer_floor: (coordinate) => Math.ceil(coordinate - 0.5),
  round_prefer_ceil: Math.round,
  floor: Math.floor,
  ceil: Math.ceil,
} satisfies Record<string, (coordinate: number) => number>;

/** A rule that rounds a coordinate to an input. */
export type NearestMode = keyof typeof nearestModes;

/** Whether Resize knows a coordinate transformation of this name. */
export const isCoordinateMode = (name: string): name is CoordinateMode =>
  Object.hasOwn(coordinateModes, name);

/** Whether Resize knows a rounding of this name. */
export const isNearestMode = (name: string): name is NearestMode => Object.hasOwn(nearestModes, name);

function coordinateOf(place: number, axis: ResampledAxis, how: Interpolation): number {
  return axis.scale === 1 ? place : coordinateModes[how.coordinates](place, axis);
}

/** Whether an output lies outside of the inputs, so that it has a value of its own. */
function isOutside(coordinate: number, { size }: ResampledAxis, { coordinates }: Interpolation): boolean {
  return coordinates === 'tf_crop_and_resize' && (coordinate < 0 || coordinate > size - 1);
}

const bounded = (place: number, { size }: ResampledAxis) => Math.min(Math.max(place, 0), size - 1);

/** The input that gives an output of the mode `nearest` its value; −1 if none does. */
export function nearestInput(place: number, axis: ResampledAxis, how: Interpolation): number {
  const coordinate = coordinateOf(place, axis, how);
  if (isOutside(coordinate, axis, how)) return -1;
  return bounded(nearestModes[how.rounding](coordinate), axis);
}

/** An input and its weight, or a place beyond the border and the weight that it would have. */
type Weights = readonly (readonly [input: number, weight: number])[];

function linearWeights(coordinate: number, axis: ResampledAxis): Weights {
  const inside = bounded(coordinate, axis);
  const first = Math.floor(inside);
  return [
    [first, 1 - (inside - first)],
    [first + 1, inside - first],
  ];
}

const triangle = (distance: number) => Math.max(0, 1 - Math.abs(distance));

/** Keys' cubic, 0 from a distance of 2 on. */
function cubic(distance: number, a: number): number {
  const d = Math.abs(distance);
  if (d < 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  return d < 2 ? (((d - 5) * d + 8) * d - 4) * a : 0;
}

function cubicWeights(coordinate: number, { cubicCoefficient }: Interpolation): Weights {
  const first = Math.floor(coordinate) - 1;
  return [0, 1, 2, 3].map((step) => [first + step, cubic(coordinate - (first + step), cubicCoefficient)]);
}

function antialiasWeights(coordinate: number, axis: ResampledAxis, how: Interpolation): Weights {
  const stretch = Math.max(1, 1 / axis.scale);
  const reach = (how.mode === 'cubic' ? 2 : 1) * stretch;
  const first = Math.floor(coordinate - reach + 1);
  const end = Math.floor(coordinate + reach + 1);
  return Array.from({ length: end - first }, (_, step) => {
    const distance = (first + step - coordinate) / stretch;
    return [first + step, how.mode === 'cubic' ? cubic(distance, how.cubicCoefficient) : triangle(distance)];
  });
}

function weightsOf(coordinate: number, axis: ResampledAxis, how: Interpolation): Weights {
  if (how.antialias) return antialiasWeights(coordinate, axis, how);
  return how.mode === 'cubic' ? cubicWeights(coordinate, how) : linearWeights(coordinate, axis);
}

/** One row of R. */
export function interpolationRow(place: number, axis: ResampledAxis, how: Interpolation): readonly number[] {
  const row = new Array<number>(axis.size).fill(0);
  if (how.mode === 'nearest') {
    const input = nearestInput(place, axis, how);
    return input < 0 ? row : row.with(input, 1);
  }
  // ONNX Runtime copies an axis that keeps its size.
  if (how.antialias && axis.count === axis.size) return row.with(place, 1);
  const coordinate = coordinateOf(place, axis, how);
  if (isOutside(coordinate, axis, how)) return row;
  const isInside = (input: number) => input >= 0 && input < axis.size;
  const all = weightsOf(coordinate, axis, how);
  const counted = how.excludeOutside ? all.filter(([input]) => isInside(input)) : all;
  const total = counted.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [input, weight] of counted) {
    const at = bounded(input, axis);
    row[at] = (row[at] ?? 0) + weight / (total === 0 ? 1 : total);
  }
  return row;
}
