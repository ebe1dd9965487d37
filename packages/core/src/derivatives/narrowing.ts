/** Above this share of d_in the savings do not pay for finding W and multiplying by it. */
const LARGEST_SHARE = 0.75;
/** W may take up to this many bytes in float64. */
const LARGEST_MATRIX = 2 ** 28;

/**
 * Whether an affine map from d_in values to h makes an analysis cheaper: h is at most 3/4 of d_in, and W takes at most
 * 256 MiB. Backends ask it before they offer a narrowed network.
 */
export function isWorthNarrowing(h: number, dIn: number): boolean {
  return h <= LARGEST_SHARE * dIn && h * dIn * Float64Array.BYTES_PER_ELEMENT <= LARGEST_MATRIX;
}
