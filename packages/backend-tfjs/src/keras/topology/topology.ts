import {
  callsOf,
  checkGraph,
  countedAlike,
  endsOf,
  outputShapes,
  refJson,
  type GraphLayer,
  type TensorRef,
} from './graph.ts';
import { field, isArray, isObject, parseJson, shown, type Json, type JsonObject } from '../json.ts';
import type { LayerWeights } from '../weights/layerWeights.ts';
import { originOf, type Origin } from './origin.ts';
import { invalidFile, unsupportedFile, unsupportedLayer, type LayerIdentity } from '../refusal.ts';
import {
  anyBatch,
  inputShapeOf,
  isForeignClass,
  refuseForeign,
  shapeOf,
  translateSimpleLayer,
  type LayerEntry,
  type TranslatedLayer,
} from './simpleLayer.ts';
import { isWrapper, translateWrapper } from './wrapper.ts';

/** A model as TensorFlow.js builds it, and the weights that it needs. */
export interface TranslatedModel {
  readonly topology: JsonObject;
  readonly weights: LayerWeights;
  readonly origin: Origin;
  /** Whether there are layers that stay as they are, whose weights are not known. */
  readonly keepsLayers: boolean;
}

/** How deep models may lie in one another. */
const MAX_DEPTH = 16;

/** How many layers a model may have: putting them together takes the square of it, here and in TensorFlow.js. */
const MAX_LAYERS = 10_000;

/** The mark of TensorFlow.js's own descriptions. */
const TFJS_VERSION = 'tfjs-layers 4.22.0';

/** Who wrote a model, and what to do with classes that only the one who loads it may know. */
export interface ModelSource {
  /** The file, for messages. */
  readonly file: string;
  readonly version?: Json | undefined;
  /** Whether to leave layers of unknown classes as they are. */
  readonly keepsForeign?: boolean;
}

/** Translates the description of a model, as Keras 2, Keras 3 or TensorFlow.js wrote it. */
export function translateTopology(topology: Json, source: ModelSource): TranslatedModel {
  const { file } = source;
  const outer = object(topology, file);
  if (field(outer, 'node') !== undefined) {
    throw unsupportedFile(file, { expected: 'a model of layers', got: 'a TensorFlow graph' });
  }
  const held = field(outer, 'model_config') ?? outer;
  const model = object(typeof held === 'string' ? (parseJson(held) ?? held) : held, file);
  const origin = originOf(model, source.version ?? field(outer, 'keras_version'));
  const { identity, config } = described(model, file);
  if (kindOf(identity.className) === 'layer') {
    throw unsupportedLayer(
      identity,
      `a model of class ${identity.className}, which is neither Sequential nor Functional,`,
    );
  }
  const context: Context = {
    file,
    origin,
    keepsForeign: source.keepsForeign === true,
    depth: 0,
    names: new Set(),
    kept: new Set(),
  };
  const entry = { identity, entry: model, config: config ?? {}, origin };
  refuseForeign(entry);
  const translated = translateModel(entry, field(model, 'config'), context);
  return {
    topology: {
      keras_version: TFJS_VERSION,
      class_name: translated.className,
      config: { name: identity.name, ...translated.config },
    },
    weights: translated.weights,
    origin,
    keepsLayers: context.kept.size > 0,
  };
}

interface Context {
  readonly file: string;
  readonly origin: Origin;
  readonly keepsForeign: boolean;
  readonly depth: number;
  /** Names that are taken: TensorFlow.js finds weights by the names of their layers, in all models alike. */
  readonly names: Set<string>;
  /** Layers that stay as they are. */
  readonly kept: Set<string>;
}

function kindOf(className: string): 'sequential' | 'functional' | 'layer' {
  if (className === 'Sequential') return 'sequential';
  return className === 'Functional' || className === 'Model' ? 'functional' : 'layer';
}

function object(value: Json | undefined, file: string): JsonObject {
  if (isObject(value)) return value;
  throw invalidFile(file, { expected: 'the description of a model', got: shown(value) });
}

/** The class, the name and the config of a model or a layer. */
function described(
  entry: JsonObject,
  file: string,
): { identity: LayerIdentity; config: JsonObject | undefined } {
  const className = field(entry, 'class_name');
  const config = field(entry, 'config');
  const named = isObject(config) ? config : undefined;
  if (typeof className !== 'string' || (named === undefined && !isArray(config))) {
    throw invalidFile(file, { expected: "'class_name' and 'config' of each layer", got: shown(entry) });
  }
  const name = field(entry, 'name') ?? (named === undefined ? undefined : field(named, 'name'));
  const text = typeof name === 'string' && name !== '' ? name : className.toLowerCase();
  return { identity: { file, name: text, className }, config: named };
}

/** A layer of a model, its calls and the name that it gets. */
interface Member extends LayerEntry {
  readonly held: Json | undefined;
  /** Whether it stays as it is. */
  readonly isKept: boolean;
  readonly graph: GraphLayer;
  readonly tfjsName: string;
}

function translateModel(model: LayerEntry, held: Json | undefined, context: Context): TranslatedLayer {
  if (context.depth > MAX_DEPTH) {
    throw invalidFile(context.file, { expected: `at most ${MAX_DEPTH} models in one another`, got: 'more' });
  }
  const layers = isArray(held) ? held : field(model.config, 'layers');
  if (!isArray(layers) || layers.length === 0) {
    throw invalidFile(context.file, {
      expected: `a list of layers in '${model.identity.name}'`,
      got: shown(layers),
    });
  }
  if (layers.length > MAX_LAYERS) {
    throw unsupportedFile(context.file, {
      expected: `at most ${MAX_LAYERS} layers`,
      got: String(layers.length),
    });
  }
  const isFunctional = kindOf(model.identity.className) === 'functional';
  const members = withShapes(membersOf(layers, context), isFunctional);
  const inner = { ...context, depth: context.depth + 1 };
  const translated = members.map((member) => translateLayer(member, inner));
  const config = isFunctional
    ? functionalConfig(model, members, translated)
    : sequentialConfig(model, members, translated);
  return {
    className: isFunctional ? 'Model' : 'Sequential',
    config,
    weights: {
      name: model.identity.name,
      className: model.identity.className,
      isTrained: field(model.config, 'trainable') !== false,
      arrays: [],
      holder: '',
      wrapped: [],
      layers: translated.map(({ weights }) => weights),
    },
  };
}

function membersOf(
  layers: readonly Json[],
  { file, origin, keepsForeign, names }: Context,
): readonly Member[] {
  const own = new Set<string>();
  // Beside a model.json, weights have the names of their layers; weights named by Keras 3 are renamed with their layers.
  const renames = !keepsForeign || origin === 'keras-3';
  return layers.map((layer) => {
    const entry = object(layer, file);
    const { identity, config } = described(entry, file);
    if (own.has(identity.name)) {
      throw invalidFile(file, { expected: 'layers of different names', got: `'${identity.name}' twice` });
    }
    own.add(identity.name);
    const isCalled = identity.className === 'InputLayer' || kindOf(identity.className) !== 'layer';
    const isKept = origin === 'tfjs' || (keepsForeign && !isKnown(identity));
    refuseForeign({ identity, entry, config: config ?? {}, origin }, isKept);
    if (!isKept && !isKnown(identity)) throw unsupportedLayer(identity, `the class ${identity.className}`);
    const calls = callsOf(field(entry, 'inbound_nodes'), identity);
    return {
      identity,
      entry,
      config: config ?? {},
      origin,
      inputShape: inputShapeOf(entry, config ?? {}) ?? calls[0]?.shapes[0],
      held: field(entry, 'config'),
      isKept: isKept && kindOf(identity.className) === 'layer',
      graph: { name: identity.name, isCalled, calls },
      tfjsName: renames ? freeName(identity.name, names) : identity.name,
    };
  });
}

/** Adds the shapes of inputs and outputs that neighboring layers state. */
function withShapes(members: readonly Member[], isFunctional: boolean): readonly Member[] {
  if (isFunctional) {
    const outputs = outputShapes(members.flatMap(({ graph }) => graph.calls));
    return members.map((member) => ({ ...member, outputShape: outputs.get(member.identity.name) }));
  }
  return members.map((member, index) => {
    const before = members[index - 1];
    const input = before?.identity.className === 'InputLayer' ? before.inputShape : undefined;
    return { ...member, inputShape: member.inputShape ?? input, outputShape: members[index + 1]?.inputShape };
  });
}

/** The layer's own name, unless TensorFlow.js does not allow it or another model in this one has taken it. */
function freeName(name: string, taken: Set<string>): string {
  const allowed = name.replaceAll(/[^\w./-]/g, '_').replace(/^[^A-Za-z0-9]/, 'layer$&');
  let free = allowed;
  for (let count = 1; taken.has(free); count++) free = `${allowed}_${count}`;
  taken.add(free);
  return free;
}

/** Whether a class is one that this translates, or refuses for what it computes. */
function isKnown(identity: LayerIdentity): boolean {
  const { className } = identity;
  return (
    className === 'InputLayer' ||
    isWrapper(className) ||
    kindOf(className) !== 'layer' ||
    !isForeignClass(identity)
  );
}

function translateLayer(member: Member, context: Context): TranslatedLayer {
  const { identity, config, held, isKept, tfjsName } = member;
  if (isKept) {
    context.kept.add(tfjsName);
    return asItIs(member, config);
  }
  if (kindOf(identity.className) !== 'layer') return translateModel(member, held, context);
  return isWrapper(identity.className)
    ? translateWrapper(member, tfjsName)
    : translateSimpleLayer(member, tfjsName);
}

/** A layer that TensorFlow.js wrote, or of a class that it alone may know. */
function asItIs({ identity }: Member, config: JsonObject): TranslatedLayer {
  const { className, name } = identity;
  const weights = { name, className, isTrained: true, arrays: [], holder: '', wrapped: [], layers: [] };
  return { className, config, weights };
}

function sequentialConfig(
  model: LayerEntry,
  members: readonly Member[],
  translated: readonly TranslatedLayer[],
): JsonObject {
  const layers = members.map((member, index) => layerJson(member, translated[index]));
  const [first] = members;
  const [firstJson, ...others] = layers;
  if (first === undefined || firstJson === undefined || first.graph.isCalled) return { layers };
  if (model.origin === 'tfjs') return { layers };
  if (
    ['batch_input_shape', 'input_shape', 'batch_shape'].some((key) => field(first.config, key) !== undefined)
  ) {
    return { layers };
  }
  const shape = shapeOf(field(model.config, 'build_input_shape')) ?? inputShapeOf(model.entry, model.config);
  if (shape === undefined) {
    throw invalidFile(model.identity.file, {
      expected: `the shape of the input of '${model.identity.name}'`,
      got: 'a model that was saved before it was built',
      todo: 'Call it on data once, or begin it with an Input layer, and save it again.',
    });
  }
  return {
    layers: [
      { ...firstJson, config: { ...configOf(firstJson), batch_input_shape: anyBatch(shape) } },
      ...others,
    ],
  };
}

function configOf(json: JsonObject): JsonObject {
  const config = field(json, 'config');
  return isObject(config) ? config : {};
}

function functionalConfig(
  model: LayerEntry,
  members: readonly Member[],
  translated: readonly TranslatedLayer[],
): JsonObject {
  const { file } = model.identity;
  const inputs = endsOf(field(model.config, 'input_layers'), 'inputs', file);
  const outputs = endsOf(field(model.config, 'output_layers'), 'outputs', file);
  const counted = countedAlike(
    members.map(({ graph }) => graph),
    [...inputs, ...outputs],
  );
  const graph = members.map((member) => ({
    ...member.graph,
    calls: member.graph.calls.map((call) => ({ ...call, inputs: call.inputs.map(counted) })),
  }));
  checkGraph(graph, [...inputs, ...outputs].map(counted), file);
  const names = new Map(members.map(({ identity, tfjsName }) => [identity.name, tfjsName]));
  const json = (ref: TensorRef): Json => {
    const { layer, ...rest } = counted(ref);
    return refJson({ layer: names.get(layer) ?? layer, ...rest });
  };
  return {
    layers: members.map((member, index) => ({
      name: member.tfjsName,
      ...layerJson(member, translated[index]),
      inbound_nodes: member.graph.calls.map(({ inputs }) => inputs.map(json)),
    })),
    input_layers: inputs.map(json),
    output_layers: outputs.map(json),
  };
}

function layerJson(member: Member, translated: TranslatedLayer | undefined): JsonObject {
  const { className, config } = translated ?? { className: member.identity.className, config: member.config };
  return { class_name: className, config: { ...config, name: member.tfjsName } };
}
