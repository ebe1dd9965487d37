/**
 * Scan: a body takes states and one slice of each scanned tensor, and gives the next states and one slice of each
 * output. It is written once for every slice. Before operator set 9 each entry of a batch was scanned by itself,
 * along the axis behind the batch axis, for as many steps as its sequence had.
 */
import { EdjmError } from '@edjm/core';
import { normalizedAxis } from '../axes.ts';
import { inlinedBody, type InlinedBody } from './inlining.ts';
import { describeNode, intAttribute, intsAttribute } from '../../model/graph.ts';
import type { Composite, RewriteContext } from '../../graph/operator.ts';
import { countUnrolled } from './unrolling.ts';
import { stacked, unstacked } from '../reshaping/stacking.ts';

/** The final states, and the collected slices in the order of the iterations. */
interface Scanned {
  readonly states: readonly string[];
  readonly collected: readonly (readonly string[])[];
}

/** Runs the body over slices: one list for each scanned tensor, in the order of the iterations. */
function scanned(
  write: InlinedBody['write'],
  initial: readonly string[],
  slices: readonly (readonly string[])[],
): Scanned {
  let states = initial;
  const rows = (slices[0] ?? []).map((_, step) => {
    const outputs = write([...states, ...slices.map((parts) => parts[step] ?? '')]);
    states = outputs.slice(0, initial.length);
    return outputs.slice(initial.length);
  });
  const collected = (rows[0] ?? []).map((_, place) => rows.map((row) => row[place] ?? ''));
  return { states, collected };
}

/** Slices in the order that a flag of the node says: forward for 0, from the last to the first for 1. */
const inDirection = (names: readonly string[], flag = 0) => (flag === 0 ? names : names.toReversed());

/** The slices of tensors along their axes, which are 0 by default. Every tensor gives as many. */
function slicesOf(context: RewriteContext, names: readonly string[], axes: readonly number[] | undefined) {
  const { node, builder } = context;
  const slices = names.map((name, index) => {
    const shape = builder.shape(name);
    const axis = normalizedAxis(node, axes?.[index] ?? 0, shape.length);
    countUnrolled(builder, node, shape[axis] ?? 0);
    return unstacked(builder, name, axis);
  });
  const lengths = slices.map(({ length }) => length);
  if (Math.min(...lengths) > 0 && new Set(lengths).size === 1) return slices;
  throw new EdjmError(
    'SHAPE_MISMATCH',
    `${describeNode(node)}: expected tensors of one length to scan, at least 1, got the lengths ${lengths.join(', ')}.`,
  );
}

function countScanned(context: RewriteContext, inputs: number): number {
  const { node } = context;
  const count = intAttribute(node, 'num_scan_inputs', 0);
  if (count > 0 && count <= inputs) return count;
  throw new EdjmError(
    'INVALID_FILE',
    `${describeNode(node)}: expected from 1 to ${String(inputs)} tensors to scan, got ${String(count)}.`,
  );
}

function scanAlongAxes(context: RewriteContext): readonly string[] {
  const { node, builder } = context;
  const { inputs } = node;
  const states = inputs.length - countScanned(context, inputs.length);
  const { write } = inlinedBody(builder, node, { attribute: 'body', inputs: inputs.length });
  const slices = slicesOf(context, inputs.slice(states), intsAttribute(node, 'scan_input_axes'));
  const directions = intsAttribute(node, 'scan_input_directions');
  const ordered = slices.map((names, index) => inDirection(names, directions?.[index]));
  const { states: final, collected } = scanned(write, inputs.slice(0, states), ordered);
  const outputAxes = intsAttribute(node, 'scan_output_axes');
  const outputDirections = intsAttribute(node, 'scan_output_directions');
  const outputs = collected.map((names, index) => {
    const rank = builder.shape(names[0] ?? '').length + 1;
    const axis = normalizedAxis(node, outputAxes?.[index] ?? 0, rank);
    return stacked(builder, inDirection(names, outputDirections?.[index]), axis);
  });
  return [...final, ...outputs];
}

/** The form of operator set 8. */
function scanEachEntry(context: RewriteContext): readonly string[] {
  const { node, builder, constant } = context;
  const inputs = node.inputs.slice(1);
  const states = inputs.length - countScanned(context, inputs.length);
  const { write } = inlinedBody(builder, node, { attribute: 'body', inputs: inputs.length });
  const directions = intsAttribute(node, 'directions');
  const lengths = constant(0);
  const entries = slicesOf(context, inputs, undefined);
  const runs = (entries[0] ?? []).map((_, entry) => {
    const own = entries.map((names) => names[entry] ?? '');
    const slices = slicesOf(context, own.slice(states), undefined);
    const whole = slices[0]?.length ?? 0;
    const length = lengths?.[entry] ?? whole;
    if (!(length >= 1 && length <= whole)) {
      throw new EdjmError(
        'UNSUPPORTED',
        `${describeNode(node)}: expected lengths of sequences from 1 to ${String(whole)}, got ${String(length)}.`,
      );
    }
    const ordered = slices.map((names, index) => inDirection(names.slice(0, length), directions?.[index]));
    const { states: final, collected } = scanned(write, own.slice(0, states), ordered);
    const padded = collected.map(([first = '', ...others]) => {
      const { elementType, shape } = builder.type(first);
      const rest = new Array<string>(whole - length).fill(builder.filled(elementType, shape, 0));
      return stacked(builder, [first, ...others, ...rest], 0);
    });
    return [...final, ...padded];
  });
  return (runs[0] ?? []).map((_, place) =>
    stacked(
      builder,
      runs.map((run) => run[place] ?? ''),
      0,
    ),
  );
}

/** Scan. */
export const scan: Readonly<Record<string, Composite>> = {
  Scan: { rewrite: (context) => (context.opset < 9 ? scanEachEntry(context) : scanAlongAxes(context)) },
};
