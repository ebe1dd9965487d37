import { EdjmError } from '@edjm/core';
import { dependsOn } from '../differentiate/dependents.ts';
import type { Graph } from '../model/graph.ts';
import type { GraphBuilder } from '../graph/graphBuilder.ts';
import type { SampleInput } from './sampleInputs.ts';
import { isFloating } from '../model/tensor.ts';

/** The most tensors that a message names. */
const MOST_NAMES = 8;

const listed = (names: readonly string[]) => names.map((name) => `"${name}"`).join(', ');

/**
 * The input that is meant if none is chosen: the only one of real numbers.
 *
 * @throws EdjmError `AMBIGUOUS` if there are several, `INVALID_FILE` if there is none.
 */
export function onlyInput(graph: Graph, inputs: readonly SampleInput[], model: string): string {
  const real = inputs.filter(({ elementType }) => isFloating(elementType));
  // A network of tokens: the tensors that may be meant are known once the graph is.
  const [only, ...others] = real.length === 0 ? inputs.slice(0, 1) : real;
  if (only !== undefined && others.length === 0) return only.name;
  const names = listed(graph.inputs.map(({ name }) => name));
  if (inputs.length === 0 && names !== '') {
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `${model}: expected an input that the samples give, got fixed values for all: ${names}. Leave out the one for the samples among those given by the option 'fixed' (--fix NAME=VALUE).`,
    );
  }
  if (inputs.length === 0) {
    throw new EdjmError(
      'INVALID_FILE',
      `${model}: expected a network with an input, got one without. Export it with its input.`,
    );
  }
  throw new EdjmError(
    'AMBIGUOUS',
    `${model}: expected one input, got ${names}. Choose the one to differentiate with respect to by the option 'input' (--input NAME); the others come with each sample, or are given by the option 'fixed' (--fix NAME=VALUE).`,
  );
}

/**
 * The output that is meant if none is chosen: the only one.
 *
 * @throws EdjmError `AMBIGUOUS` if there are several.
 */
export function onlyOutput({ outputs }: Graph, model: string): string {
  const [only, ...others] = outputs;
  if (only === undefined) {
    throw new EdjmError(
      'INVALID_FILE',
      `${model}: expected a network with an output, got one without. Export it with its output.`,
    );
  }
  if (others.length === 0) return only.name;
  throw new EdjmError(
    'AMBIGUOUS',
    `${model}: expected one output, got ${listed(outputs.map(({ name }) => name))}. Choose one by the option 'output' (--output NAME).`,
  );
}

/**
 * Refuses a name that no tensor of the graph has.
 *
 * @throws EdjmError `INVALID_ARGUMENT`.
 */
export function checkTensor(builder: GraphBuilder, name: string, choice: Choice): void {
  const { role, graph } = choice;
  const declared = role === 'input' ? graph.inputs : graph.outputs;
  const inner = graph.nodes.flatMap(({ outputs }) => outputs).filter((output) => output !== '');
  const names = [...new Set([...declared.map((value) => value.name), ...inner])];
  if (names.includes(name)) {
    // Throws if the tensor lies behind an operator without a rule.
    builder.type(name);
    return;
  }
  const real = realTensors(builder, choice);
  const similar = real.filter((other) => other.toLowerCase().includes(name.toLowerCase()));
  const shown = (similar.length === 0 ? real : similar).slice(0, MOST_NAMES);
  const more = real.length > shown.length ? `, … (${String(real.length)} in all)` : '';
  throw new EdjmError(
    'INVALID_ARGUMENT',
    `expected an ${role} among the model's tensors of real numbers ${listed(shown)}${more}, got "${name}". Choose one of them by the option '${role}' (--${role} NAME).`,
  );
}

/** A choice among the tensors of a graph. */
interface Choice {
  readonly role: 'input' | 'output';
  readonly graph: Graph;
  /** The chosen tensors at the other end of the network. */
  readonly ends: readonly string[];
  /** Whether a tensor has a row for each sample. */
  readonly isBatched: (name: string) => boolean;
}

/** Tensors of real numbers that can be chosen, the nearest to the inputs or the outputs of the network first. */
function realTensors(builder: GraphBuilder, { graph, role, ends, isBatched }: Choice): readonly string[] {
  const inner = graph.nodes.flatMap(({ outputs }) => outputs).filter((name) => name !== '');
  const ordered =
    role === 'input'
      ? [...graph.inputs.map(({ name }) => name), ...inner]
      : [...graph.outputs.map(({ name }) => name), ...inner.toReversed()];
  const isReal = (name: string) =>
    builder.knows(name) &&
    !builder.lists.has(builder.resolve(name)) &&
    isFloating(builder.type(name).elementType);
  const others = ends.filter(isReal);
  return [...new Set(ordered)].filter(
    (name) =>
      isReal(name) &&
      isBatched(name) &&
      others.every((end) => {
        const [input, output] = role === 'input' ? [name, end] : [end, name];
        return builder.resolve(input) !== builder.resolve(output) && dependsOn(builder, output, input);
      }),
  );
}

/**
 * Refuses an output that holds no real numbers.
 *
 * @throws EdjmError `UNSUPPORTED`.
 */
export function checkReal(builder: GraphBuilder, output: string, choice: Choice): void {
  const { elementType } = builder.type(output);
  if (isFloating(elementType)) return;
  const [nearest] = realTensors(builder, choice);
  const such = nearest === undefined ? '' : `, such as "${nearest}"`;
  throw new EdjmError(
    'UNSUPPORTED',
    `expected an output of real numbers, got ${elementType} for "${output}". Choose one by the option 'output' (--output NAME)${such}.`,
  );
}

/**
 * The precision of a tensor to differentiate with respect to, which the output must have too.
 *
 * @throws EdjmError `UNSUPPORTED` if one of them holds no real numbers, or halves; `INVALID_ARGUMENT` if the output does not depend on it.
 */
export function checkedPrecision(
  builder: GraphBuilder,
  variable: string,
  { graph, output }: { readonly graph: Graph; readonly output: string },
): 'float32' | 'float64' {
  const { elementType } = builder.type(variable);
  const outputType = builder.type(output).elementType;
  if (elementType !== 'float32' && elementType !== 'float64') {
    throw new EdjmError(
      'UNSUPPORTED',
      `expected an input of type float32 or float64, got ${elementType} for "${variable}". A network is differentiated with respect to real numbers: choose a tensor of them by the option 'input' (--input NAME)${inFront(graph, builder)}.`,
    );
  }
  if (outputType !== elementType) {
    throw new EdjmError(
      'UNSUPPORTED',
      `expected an output of type ${elementType}, got ${outputType} for "${output}". Choose a tensor of that type by the option 'output' (--output NAME), or export the network in one precision.`,
    );
  }
  if (!dependsOn(builder, output, variable)) {
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `expected an output "${output}" that depends on "${variable}" through real numbers, got one that does not: truth values, whole numbers and the places of maxima carry no derivative. Choose an output behind that input and in front of these by the option 'output' (--output NAME).`,
    );
  }
  return elementType;
}

/**
 * Tensors of real numbers that are looked up by indices: a network of tokens can be differentiated with respect to
 * them.
 */
function inFront(graph: Graph, builder: GraphBuilder): string {
  const isReal = (name: string) =>
    name !== '' && builder.knows(name) && isFloating(builder.type(name).elementType);
  const isIndex = (name: string) =>
    name !== '' && builder.knows(name) && !isReal(name) && builder.constantValue(name) === undefined;
  const found = graph.nodes
    .filter(({ opType, inputs }) => opType === 'Gather' && inputs.some(isIndex))
    .flatMap(({ outputs }) => outputs.filter(isReal));
  return found.length === 0 ? '' : `, such as ${listed(found.slice(0, MOST_NAMES))}`;
}
