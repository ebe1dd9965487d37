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

/** Text in lines of at most `width` columns, broken between words. */
export function wrappedWords(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && textWidth(longer) > width) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return line === '' ? lines : [...lines, line];
}
