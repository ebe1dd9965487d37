import { oneLine, type SpectrumSeries } from './series.ts';
import { fit } from './textWidth.ts';

/** The legend's text for a curve, in at most `width` columns: its label, cut if need be, and its score if any. */
export function legendText({ label, score }: SpectrumSeries, width: number): string {
  const suffix = score === undefined ? '' : ` (score ${score.toFixed(2)})`;
  return `${fit(oneLine(label), Math.max(1, width - suffix.length))}${suffix}`;
}
