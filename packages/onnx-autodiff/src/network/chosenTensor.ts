import { EdjmError } from '@edjm/core';
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
  throw new EdjmError(
    only === undefined ? 'INVALID_FILE' : 'AMBIGUOUS',
    `${model}: expected one input, got ${names === '' ? 'none' : names}. Choose the one to differentiate with respect to by the option 'input' (--input NAME); the others come with each sample, or are given by the option 'fixed' (--fix NAME=VALUE).`,
  );
}

/**
 * The output that is meant if none is chosen: the only one.
 *
 * @throws EdjmError `AMBIGUOUS` if there are several.
 */
export function onlyOutput({ outputs }: Graph, model: string): string {
  const [only, ...others] = outputs;
  if (only !== undefined && others.length === 0) return only.name;
  throw new EdjmError(
    only === undefined ? 'INVALID_FILE' : 'AMBIGUOUS',
    `${model}: expected one output, got ${listed(outputs.map(({ name }) => name))}. Choose one by the option 'output' (--output NAME).`,
  );
}

/**
 * Refuses a name that no tensor of the graph has.
 *
 * @throws EdjmError `INVALID_ARGUMENT`.
 */
export function checkTensor(
  builder: GraphBuilder,
  name: string,
  { role, graph }: { readonly role: 'input' | 'output'; readonly graph: Graph },
): void {
  const declared = role === 'input' ? graph.inputs : graph.outputs;
  const inner = graph.nodes.flatMap(({ outputs }) => outputs).filter((output) => output !== '');
  const names = [...new Set([...declared.map((value) => value.name), ...inner])];
  if (names.includes(name)) {
    // Throws if the tensor lies behind an operator without a rule.
    builder.type(name);
    return;
  }
  const similar = names.filter((other) => other.toLowerCase().includes(name.toLowerCase()));
  const shown = (similar.length === 0 ? names : similar).slice(0, MOST_NAMES);
  const more = names.length > shown.length ? `, … (${String(names.length)} in all)` : '';
  throw new EdjmError(
    'INVALID_ARGUMENT',
    `expected an ${role} among the model's tensors ${listed(shown)}${more}, got "${name}". Choose one of them.`,
  );
}

/**
 * Refuses an output that holds no real numbers.
 *
 * @throws EdjmError `UNSUPPORTED`.
 */
export function checkReal(builder: GraphBuilder, output: string): void {
  const { elementType } = builder.type(output);
  if (isFloating(elementType)) return;
  throw new EdjmError(
    'UNSUPPORTED',
    `expected an output of real numbers, got ${elementType} for "${output}". Choose one by the option 'output' (--output NAME).`,
  );
}

/**
 * Tensors of real numbers that are looked up by indices: a network of tokens can be differentiated with respect to
 * them.
 */
export function inFront(graph: Graph, builder: GraphBuilder): string {
  const isReal = (name: string) =>
    name !== '' && builder.knows(name) && isFloating(builder.type(name).elementType);
  const isIndex = (name: string) =>
    name !== '' && builder.knows(name) && !isReal(name) && builder.constantValue(name) === undefined;
  const found = graph.nodes
    .filter(({ opType, inputs }) => opType === 'Gather' && inputs.some(isIndex))
    .flatMap(({ outputs }) => outputs.filter(isReal));
  return found.length === 0 ? '' : `, such as ${listed(found.slice(0, MOST_NAMES))}`;
}
