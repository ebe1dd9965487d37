import { seededRandom } from '@edjm/network';
import { testKilled } from './killing.ts';

/** The process trains for some 60 ms. */
function randomMoments(count: number): readonly number[] {
  const random = seededRandom(count);
  return Array.from({ length: count }, () => 60 * random.uniform());
}

testKilled({ momentum: randomMoments(10), adam: randomMoments(3) });
