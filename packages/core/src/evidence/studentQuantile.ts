/** Nodes of the integration. */
const NODES = 4000;

/**
 * The t for which Student's distribution of so many degrees of freedom has a probability between −t and t.
 *
 * With x = √ν tan θ its density becomes cos^(ν−1) θ, integrated by the midpoint rule to about six digits.
 *
 * @param level - the probability, between 0 and 1.
 */
export function studentQuantile(level: number, freedom: number): number {
  const step = Math.PI / 2 / NODES;
  const areas = Array.from({ length: NODES }, (_, i) => Math.cos((i + 0.5) * step) ** (freedom - 1));
  const target = level * areas.reduce((sum, area) => sum + area, 0);
  let sum = 0;
  for (const [i, area] of areas.entries()) {
    if (sum + area < target) sum += area;
    else return Math.sqrt(freedom) * Math.tan((i + (target - sum) / area) * step);
  }
  return Infinity;
}
