/** A part of a list that runs once, or several times in a row. */
interface Run {
  readonly length: number;
  readonly times: number;
}

/** The longest part that is looked for, in items. */
const LONGEST = 120;

/** The fewest items that folding must save. */
const FEWEST = 4;

/** Whether the items from `a` on and from `b` on are the same, `length` of them. */
function isRepeated(
  items: readonly string[],
  a: number,
  { b, length }: { b: number; length: number },
): boolean {
  for (let i = 0; i < length; i++) if (items[a + i] !== items[b + i]) return false;
  return true;
}

/** The part at a place whose repetitions save most; one item if none does. */
function bestRun(items: readonly string[], start: number): Run {
  let best: Run = { length: 1, times: 1 };
  for (let length = 1; length <= Math.min(LONGEST, (items.length - start) / 2); length++) {
    let times = 1;
    while (
      start + (times + 1) * length <= items.length &&
      isRepeated(items, start, { b: start + times * length, length })
    )
      times++;
    const saved = (times - 1) * length;
    if (saved >= FEWEST && saved > (best.times - 1) * best.length) best = { length, times };
  }
  return best;
}

/** A list as one line; parts that follow each other several times stand there once: `A → (B → C) × 12 → D`. */
export function folded(items: readonly string[]): string {
  const parts: string[] = [];
  for (let start = 0; start < items.length;) {
    const { length, times } = bestRun(items, start);
    const part = items.slice(start, start + length).join(' → ');
    if (times === 1) parts.push(part);
    else parts.push(length === 1 ? `${part} × ${String(times)}` : `(${part}) × ${String(times)}`);
    start += length * times;
  }
  return parts.join(' → ');
}
