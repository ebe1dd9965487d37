/**
 * What a network ends in. Engines find it, and give the values in front of it, the logits; {@link withOutputKind} makes probabilities of
 * them.
 */
export interface Head {
  /**
   * `'none'` for a network that ends in its logits, as most exports do; `'as-is'` for one whose outputs are no logits and that has none, such as
   * a softmax that is clipped afterwards.
   */
  readonly kind: HeadKind;
  /** The node or layer, as messages name it, such as `Softmax (node "/softmax")`. */
  readonly at?: string | undefined;
  /**
   * The outputs that one softmax normalizes, or, without a head, would. Absent if no softmax does, or if it is not clear along which axis it would.
   */
  readonly groups?: OutputGroups | undefined;
  /** Why there are no logits, if the kind is `'as-is'`: it follows "as". */
  readonly reason?: string | undefined;
}

/** The kinds of {@link Head}. */
export const headKinds = [
  'softmax',
  'log-softmax',
  'sigmoid',
  'log-sigmoid',
  'none',
  'as-is',
] as const satisfies readonly string[];

/** A kind of {@link Head}. */
export type HeadKind = (typeof headKinds)[number];

/**
 * Groups of outputs: member j of group (a, b) is output a · size · stride + j · stride + b, with b < stride. That is an axis of `size` values
 * with `stride` values behind it.
 */
export interface OutputGroups {
  readonly size: number;
  readonly stride: number;
}
