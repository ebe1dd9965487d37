/** The purposes of random numbers: each has a stream of its own. */
const purposes = { split: 1, order: 2, dropout: 3, sample: 4 } as const;

/** An odd constant near 2³² divided by the golden ratio, as in Weyl sequences. */
const WEYL = 0x9e3779b9;

/**
 * A 32-bit seed for one purpose out of that of a run, by the mixing function of MurmurHash3 (Appleby): neither neighboring seeds nor
 * neighboring indices share a stream.
 *
 * @param index - of the epoch or step that it is for. Defaults to 0.
 */
export function derivedSeed(seed: number, purpose: keyof typeof purposes, index: number = 0): number {
  return [purposes[purpose], index].reduce(
    (hash, part) => mixed(Math.imul(hash, WEYL) ^ mixed(part + 1)),
    mixed(seed),
  );
}

function mixed(h: number): number {
  let bits = h | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}
