import pc from 'picocolors';

const { blue, red, green, magenta, yellow, cyan, bold } = pc.createColors(true);

/** Terminal colors, in the order in which curves take them. */
export const TERMINAL_COLORS: readonly ((text: string) => string)[] = [
  blue,
  red,
  green,
  magenta,
  yellow,
  cyan,
];

/** Bold text, where colors are asked for. */
export function heading(text: string, color: boolean): string {
  return color ? bold(text) : text;
}
