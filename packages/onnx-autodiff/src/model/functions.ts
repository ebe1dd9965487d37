/**
 * Functions of a model: operators that the file itself defines by nodes. A node that calls a function is replaced by
 * the function's nodes, whose names get a prefix of their own for each call.
 */
import { EdjmError } from '@edjm/core';
import type { FunctionProto, ModelProto } from '../generated/onnx_pb.ts';
import { describeNode, type Attribute, type Node } from './graph.ts';
import { deeper, normalizedDomain, readAttribute, readNodes, type Reader } from './readNodes.ts';
import { renamed } from './scope.ts';

/** The most nodes that the calls of a model may become: functions that call functions twice grow without bound. */
const MOST_NODES = 1 << 17;

const functionKey = (domain: string, name: string, overload: string) =>
  JSON.stringify([normalizedDomain(domain), name, overload]);

/** The names that nodes anywhere in the model use or make. */
function namesIn(model: ModelProto): Set<string> {
  const names = new Set<string>();
  const open = [...(model.graph ? [model.graph] : []), ...model.functions].map(({ node }) => node);
  for (let nodes = open.pop(); nodes !== undefined; nodes = open.pop()) {
    for (const { input, output, attribute } of nodes) {
      for (const name of [...input, ...output]) names.add(name);
      for (const { g } of attribute) if (g !== undefined) open.push(g.node);
    }
  }
  return names;
}

function invalid(reader: Reader, node: Node, said: string): EdjmError {
  return new EdjmError('INVALID_FILE', `${reader.name}: ${describeNode(node)}: ${said}`);
}

/** The attributes of a call: the function's defaults, replaced by those that the call gives. */
function attributesOf(callee: FunctionProto, node: Node, reader: Reader): ReadonlyMap<string, Attribute> {
  const attributes = new Map<string, Attribute>();
  for (const proto of callee.attributeProto) {
    const value = readAttribute(proto, reader);
    if (value !== undefined) attributes.set(proto.name, value);
  }
  for (const [name, value] of Object.entries(node.attributes)) attributes.set(name, value);
  return attributes;
}

/** The operator sets that a function imports in another version than the model, or alone. */
function ownOpsets(callee: FunctionProto, model: ModelProto): ReadonlyMap<string, number> {
  const ofModel = new Map(
    model.opsetImport.map(({ domain, version }) => [normalizedDomain(domain), Number(version)]),
  );
  const imported = callee.opsetImport.map(
    ({ domain, version }) => [normalizedDomain(domain), Number(version)] as const,
  );
  return new Map(imported.filter(([domain, version]) => ofModel.get(domain) !== version));
}

/** The nodes of a body with the call's inputs and outputs in the place of the function's own. */
function bound(
  callee: FunctionProto,
  node: Node,
  { body, fresh }: { readonly body: readonly Node[]; readonly fresh: (name: string) => string },
): readonly Node[] {
  const names = new Map(callee.input.map((name, index) => [name, node.inputs[index] ?? '']));
  // An output that is an input, or equals another output, has no node of its own.
  const copies: Node[] = [];
  callee.output.forEach((name, index) => {
    const target = node.outputs[index] ?? '';
    const source = names.get(name);
    if (target === '') return;
    if (source === undefined) names.set(name, target);
    else
      copies.push({
        ...node,
        opType: 'Identity',
        domain: '',
        inputs: [source],
        outputs: [target],
        attributes: {},
      });
  });
  const rename = (name: string): string => {
    const known = names.get(name) ?? fresh(name);
    names.set(name, known);
    return known;
  };
  return [...body.map((inner) => renamed(inner, rename)), ...copies];
}

/**
 * A reader that writes out calls of the model's functions.
 *
 * @throws EdjmError `INVALID_FILE` (when it reads) for functions that call themselves and for calls that do not fit,
 * `UNSUPPORTED` for functions that would fill the memory.
 */
export function withFunctions(reader: Reader, model: ModelProto): Reader {
  if (model.functions.length === 0) return reader;
  const functions = new Map(
    model.functions.map((proto) => [functionKey(proto.domain, proto.name, proto.overload), proto]),
  );
  const taken = namesIn(model);
  let calls = 0;
  let nodes = 0;

  const expandedIn =
    (around: readonly FunctionProto[]): Reader['expanded'] =>
    (node, call) => {
      const callee = functions.get(functionKey(node.domain, node.opType, call.overload));
      if (callee === undefined) return [node];
      if (around.includes(callee))
        throw invalid(reader, node, 'expected a function that does not call itself, got one that does.');
      if (node.inputs.length > callee.input.length || node.outputs.length > callee.output.length) {
        const sizes = `${String(callee.input.length)} inputs and ${String(callee.output.length)} outputs`;
        throw invalid(
          reader,
          node,
          `expected at most the ${sizes} of its function, got ${String(node.inputs.length)} and ${String(node.outputs.length)}.`,
        );
      }
      calls += 1;
      const prefix = `${callee.name}.${String(calls)}/`;
      nodes += 1 + callee.node.length;
      if (nodes > MOST_NODES) {
        throw new EdjmError(
          'UNSUPPORTED',
          `${reader.name}: expected functions that become at most ${String(MOST_NODES)} nodes where they are called, got more.`,
        );
      }
      const attributes = attributesOf(callee, node, call.reader);
      const opsets = ownOpsets(callee, model);
      const body = readNodes(callee.node, {
        ...deeper(call.reader),
        opset: (domain) => opsets.get(domain),
        reference: (name) => attributes.get(name),
        expanded: expandedIn([...around, callee]),
      });
      const fresh = (name: string) => {
        let found = prefix + name;
        while (taken.has(found)) found += '_';
        taken.add(found);
        return found;
      };
      const named = body.map((inner) => ({ ...inner, name: inner.name && prefix + inner.name }));
      return bound(callee, node, { body: named, fresh });
    };
  return { ...reader, expanded: expandedIn([]) };
}
