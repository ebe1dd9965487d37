import { seededRandom } from '@edjm/network';

/**
 * The numbers 0 … n − 1 in random order, every order as likely (Fisher, Yates 1938).
 *
 * @param seed - A 32-bit integer: the same gives the same order.
 */
export function shuffled(n: number, seed: number): Uint32Array {
  const random = seededRandom(seed);
  const order = Uint32Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = Math.floor(random.uniform() * (i + 1));
    const moved = order[i] as number;
    order[i] = order[j] as number;
    order[j] = moved;
  }
  return order;
}
