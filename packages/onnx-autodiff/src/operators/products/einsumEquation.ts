/** The equation of an Einsum: which axis of which operand has which index. */
import { EdjmError } from '@edjm/core';
import { describeNode, stringAttribute, type Node } from '../../model/graph.ts';

/** An equation with an index for every axis. Axes of an ellipsis have numbers, counted from its end. */
export interface Equation {
  /** The indices of each operand, axis by axis. */
  readonly terms: readonly (readonly string[])[];
  /** The indices of the result. */
  readonly output: readonly string[];
  readonly sizes: ReadonlyMap<string, number>;
}

/** The most operands: comparing all pairs of more would take long. */
const MOST_OPERANDS = 64;

const TERM = /^([A-Za-z]*)(\.\.\.)?([A-Za-z]*)$/;

/** The indices of a term; an ellipsis stands for `axes` axes. */
function indicesOf(term: string, axes: number): readonly string[] {
  const [, before = '', dots, after = ''] = TERM.exec(term) ?? [];
  const ellipsis = dots === undefined ? [] : Array.from({ length: axes }, (_, place) => String(axes - place));
  return [...Array.from(before), ...ellipsis, ...Array.from(after)];
}

/**
 * Reads the equation of a node whose inputs have the given shapes.
 *
 * @throws EdjmError `INVALID_FILE` if it is no equation or does not fit the shapes.
 */
export function readEquation(node: Node, shapes: readonly (readonly number[])[]): Equation {
  const equation = stringAttribute(node, 'equation', '').replaceAll(' ', '');
  const wrong = (expected: string) =>
    new EdjmError(
      'INVALID_FILE',
      `${describeNode(node)}: expected ${expected}, got "${equation}" for ${shapes.map((shape) => `[${shape.join(', ')}]`).join(', ')}.`,
    );
  const [left = '', right, ...more] = equation.split('->');
  const texts = left.split(',');
  if (shapes.length > MOST_OPERANDS) {
    throw new EdjmError(
      'UNSUPPORTED',
      `${describeNode(node)}: expected at most ${String(MOST_OPERANDS)} operands, got ${String(shapes.length)}.`,
    );
  }
  if (more.length > 0 || ![...texts, right ?? ''].every((text) => TERM.test(text)))
    throw wrong('an equation such as "ij,jk->ik"');
  if (texts.length !== shapes.length) throw wrong(`a term for each of ${String(shapes.length)} operands`);
  const lengths = texts.flatMap((text, place) =>
    text.includes('.') ? [(shapes[place]?.length ?? 0) - text.replace('...', '').length] : [],
  );
  const [axes = 0] = lengths;
  if (lengths.some((length) => length !== axes || length < 0))
    throw wrong('ellipses that stand for the same number of axes');
  const terms = texts.map((text) => indicesOf(text, axes));
  if (terms.some(({ length }, place) => length !== shapes[place]?.length))
    throw wrong('an index for every axis of each operand');
  const sizes = new Map<string, number>();
  terms.flat().forEach((index, place) => {
    const size = shapes.flat()[place] ?? 1;
    const known = sizes.get(index) ?? 1;
    if (known !== 1 && size !== 1 && known !== size) throw wrong(`one size for the index "${index}"`);
    sizes.set(index, known === 1 ? size : known);
  });
  const output = right === undefined ? impliedOutput(terms, axes) : indicesOf(right, axes);
  if (new Set(output).size !== output.length || !output.every((index) => sizes.has(index)))
    throw wrong('a result with indices of the operands, each once');
  return { terms, output, sizes };
}

/** The axes of the ellipses, then the letters that occur once, capitals first. */
function impliedOutput(terms: readonly (readonly string[])[], axes: number): readonly string[] {
  const all = terms.flat();
  const letters = all.filter((index) => /[A-Za-z]/.test(index));
  const once = letters.filter((index) => letters.indexOf(index) === letters.lastIndexOf(index));
  return [...indicesOf('...', axes), ...once.toSorted()];
}
