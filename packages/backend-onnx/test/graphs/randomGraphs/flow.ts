import { tensorOf, type Node } from '@edjm/onnx-autodiff';
import type { Drawing } from './drawing.ts';
import { node } from '../../support/smallGraphs.ts';
import { codes, int, ints, some, type Recipe, type Recipes } from './recipe.ts';

type Value = {
  readonly name: string;
  readonly elementType?: 'float32' | 'float64' | 'int64' | 'bool';
  readonly shape?: readonly number[];
};

/** A graph inside a node. */
const body = (inputs: readonly Value[], nodes: readonly Node[], outputs: readonly Value[]) => ({
  graph: { name: 'body', inputs, outputs, initializers: new Map(), nodes },
});

/** A branch that the condition, which is a constant, takes, and one that it does not. */
const branching: Recipe = {
  draw: (drawing) => {
    const x = drawing.tensor();
    const y = drawing.into(x);
    const [taken, other] = [drawing.freeName(), drawing.freeName()];
    const value = (name: string) => ({ name, elementType: drawing.precision, shape: drawing.shapeOf(x) });
    const condition = drawing.initializer(tensorOf('bool', [], [drawing.below(2)]));
    return drawing.emit('If', [condition], {
      attributes: {
        then_branch: body([], [node('Mul', [x, y], { outputs: [taken] })], [value(taken)]),
        else_branch: body([], [node('Tanh', [x], { outputs: [other] })], [value(other)]),
      },
      varyingBy: [x, y],
      bound: drawing.boundOf(x) * Math.max(1, drawing.boundOf(y)),
    });
  },
};

/** A state that changes in each of some iterations and is collected. */
const loop: Recipe = {
  draw: (drawing) => {
    const x = drawing.within(drawing.tensor({ ranks: [0, 3] }), 1);
    const y = drawing.within(drawing.into(x), 1);
    const [iteration, going, state, product, next, copy] = Array.from({ length: 6 }, () =>
      drawing.freeName(),
    );
    const type = { elementType: drawing.precision, shape: drawing.shapeOf(x) };
    const still = drawing.freeName();
    const count = drawing.initializer(tensorOf('int64', [], [drawing.between(1, 3)]));
    const whether = drawing.initializer(tensorOf('bool', [], [1]));
    return drawing.emitAll('Loop', [count, whether, x], {
      attributes: {
        body: body(
          [
            { name: iteration!, elementType: 'int64', shape: [] },
            { name: going!, elementType: 'bool', shape: [] },
            { name: state!, ...type },
          ],
          [
            node('Mul', [state!, y], { outputs: [product!] }),
            node('Sin', [product!], { outputs: [next!] }),
            node('Identity', [state!], { outputs: [copy!] }),
            node('Identity', [going!], { outputs: [still] }),
          ],
          [
            { name: still, elementType: 'bool', shape: [] },
            { name: next!, ...type },
            { name: copy!, ...type },
          ],
        ),
      },
      outputs: 2,
      varyingBy: [x, y],
      bound: 1,
    });
  },
};

/** The sum so far of slices along an axis, forward or backward. */
const scan: Recipe = {
  draw: (drawing) => {
    const x = drawing.within(drawing.tensor({ ranks: [1, 3] }), 1);
    const shape = drawing.shapeOf(x);
    const axis = drawing.axis(shape.length);
    const slice = shape.filter((_, place) => place !== (axis < 0 ? axis + shape.length : axis));
    const initial = drawing.shaped(slice);
    const type = { elementType: drawing.precision, shape: slice };
    const [state, part, sum, out] = Array.from({ length: 4 }, () => drawing.freeName());
    return drawing.emitAll('Scan', [initial, x], {
      attributes: {
        num_scan_inputs: int(1),
        body: body(
          [
            { name: state!, ...type },
            { name: part!, ...type },
          ],
          [node('Sub', [state!, part!], { outputs: [sum!] }), node('Tanh', [sum!], { outputs: [out!] })],
          [
            { name: sum!, ...type },
            { name: out!, ...type },
          ],
        ),
        scan_input_axes: ints([axis]),
        ...some(drawing, { scan_input_directions: ints([1]), scan_output_directions: ints([1]) }),
      },
      outputs: 2,
      bound: drawing.boundOf(initial) + 5,
    });
  },
};

const place = (drawing: Drawing, value: number): string =>
  drawing.initializer(tensorOf('int64', [], [value]));

/** Tensors of one shape. */
const alike = (drawing: Drawing, count: number): readonly string[] => {
  const x = drawing.tensor({ ranks: [1, 3] });
  return [x, ...Array.from({ length: count - 1 }, () => drawing.shaped(drawing.shapeOf(x)))];
};

const boundOf = (drawing: Drawing, names: readonly string[]): number =>
  Math.max(...names.map((name) => drawing.boundOf(name)));

/** Tensors put into a sequence that was empty, and joined. */
const sequenceInsert: Recipe = {
  draw: (drawing) => {
    const items = alike(drawing, 3);
    const dtype = int(codes[drawing.precision]);
    const list = items.reduce(
      (known, item, index) => {
        const at = drawing.flag() ? [place(drawing, drawing.between(-index, index))] : [];
        return drawing.emit('SequenceInsert', [known, item, ...at]);
      },
      drawing.emit('SequenceEmpty', [], { attributes: { dtype } }),
    );
    const axis = drawing.axis(drawing.shapeOf(items[0]!).length);
    const attributes = { axis: int(axis), ...some(drawing, { new_axis: int(1) }) };
    return drawing.emit('ConcatFromSequence', [list], { attributes, bound: boundOf(drawing, items) });
  },
};

/** The last of the tensors of a sequence from which one was taken. */
const sequenceErase: Recipe = {
  draw: (drawing) => {
    const items = alike(drawing, 3);
    const list = drawing.emit('SequenceErase', [
      drawing.emit('SequenceConstruct', items),
      place(drawing, drawing.between(-3, 2)),
    ]);
    const last = drawing.emit('Sub', [drawing.emit('SequenceLength', [list]), place(drawing, 1)]);
    return drawing.emit('SequenceAt', [list, last], { bound: boundOf(drawing, items) });
  },
};

const splitToSequence: Recipe = {
  draw: (drawing) => {
    const x = drawing.tensor({ ranks: [1, 4] });
    const axis = drawing.axis(drawing.shapeOf(x).length);
    const size = drawing.shapeOf(x).at(axis)!;
    const sizes = [1, ...(size > 1 ? [size - 1] : [])];
    const inputs = drawing.flag() ? [x, drawing.ints(...sizes)] : [x];
    const list = drawing.emit('SplitToSequence', inputs, { attributes: { axis: int(axis) } });
    return drawing.emit('SequenceAt', [list, place(drawing, 0)]);
  },
};

/** Branches, loops and sequences whose course is known. */
export const flowRecipes: Recipes = {
  If: branching,
  Loop: loop,
  Scan: scan,
  SequenceInsert: sequenceInsert,
  SequenceErase: sequenceErase,
  SplitToSequence: splitToSequence,
};
