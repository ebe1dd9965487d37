import pc from 'picocolors';
import type { Output } from '../commandLine/shell.ts';

/** Whether an output is a terminal that shows colors. */
export function showsColor({ isTTY = false }: Output): boolean {
  return pc.isColorSupported && isTTY;
}

/** Colors for an output, if it shows them. */
export function colorsOf(output: Output): ReturnType<typeof pc.createColors> {
  return pc.createColors(showsColor(output));
}
