import { describe, expect, it } from 'vitest';
import { gradientPoint } from '../support/gradientPoint.ts';
import { accuracyOf } from './ruleCases/accuracy.ts';
import { rules } from './ruleCases/index.ts';
import { pointOf } from '../support/smallGraphs.ts';
import { checkVjp } from '../support/vjpCheck.ts';

describe('rules', () => {
  const names = Object.keys(rules);
  const kinks = names.filter((name) => rules[name]!.isKink === true);
  const smooth = names.filter((name) => !kinks.includes(name));
  it.each(smooth)('%s: its gradient, differentiated again, agrees with differences', (name) =>
    checkVjp(gradientPoint(pointOf(rules[name]!)), accuracyOf(rules[name]!)),
  );

  it.each(kinks)('%s: its gradient has no derivative', async (name) => {
    const check = checkVjp(gradientPoint(pointOf(rules[name]!)), accuracyOf(rules[name]!));
    await expect(check).rejects.toThrow(/expected between/);
  });
});
