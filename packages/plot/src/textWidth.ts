import truncatedWidth from 'fast-string-truncated-width';

const ELLIPSIS = '…';

/** Columns that text takes in a terminal: wide characters count twice, ANSI sequences not at all. */
export function textWidth(text: string): number {
  return truncatedWidth(text).width;
}

/** Text of at most `width` columns; an ellipsis marks a cut. */
export function fit(text: string, width: number): string {
  const { truncated, index } = truncatedWidth(text, { limit: width, ellipsis: ELLIPSIS, ellipsisWidth: 1 });
  return truncated ? `${text.slice(0, index)}${ELLIPSIS}` : text;
}

/** Text in the middle of `width` columns. */
export function center(text: string, width: number): string {
  return `${' '.repeat(Math.max(0, Math.floor((width - textWidth(text)) / 2)))}${text}`;
}
