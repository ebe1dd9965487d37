import { field, isArray, isObject, shown, type Json, type JsonObject } from '../json.ts';
import type { Shape } from './layerFields.ts';
import { invalidFile, invalidLayer, unsupportedLayer, type LayerIdentity } from '../refusal.ts';
import { shapeOf } from './simpleLayer.ts';

/** One output of one call of a layer. */
export interface TensorRef {
  readonly layer: string;
  /** The number of the call of that layer. */
  readonly call: number;
  /** The number of the output. */
  readonly output: number;
}

/** A call of a layer on outputs of others. */
export interface Call {
  readonly inputs: readonly TensorRef[];
  /** Their shapes, if the file states them. */
  readonly shapes: readonly (Shape | undefined)[];
}

/** A layer in a graph. */
export interface GraphLayer {
  readonly name: string;
  /** Whether the layer has a call of its own from the start, as an input or a model with inputs of its own has. */
  readonly isCalled: boolean;
  readonly calls: readonly Call[];
}

/** The shapes of the first outputs of layers, as stated by the layers that take them. */
export function outputShapes(calls: readonly Call[]): ReadonlyMap<string, Shape> {
  const shapes = new Map<string, Shape>();
  for (const call of calls) {
    for (const [place, { layer, output }] of call.inputs.entries()) {
      const shape = call.shapes[place];
      if (output === 0 && shape !== undefined) shapes.set(layer, shape);
    }
  }
  return shapes;
}

/** How deep lists of tensors may lie in one another. */
const MAX_NESTING = 8;

/**
 * The calls of a layer: [[name, call, output, {}], …] as Keras 2 and TensorFlow.js write them, or
 * {args: [tensor], kwargs: {}} as Keras 3 does.
 */
export function callsOf(nodes: Json | undefined, layer: LayerIdentity): readonly Call[] {
  if (nodes === undefined) return [];
  if (!isArray(nodes)) throw invalidLayer(layer, { expected: 'a list of calls', got: shown(nodes) });
  return nodes.map((node) => (isObject(node) ? keras3Call(node, layer) : keras2Call(node, layer)));
}

function keras2Call(node: Json, layer: LayerIdentity): Call {
  if (!isArray(node)) throw invalidLayer(layer, { expected: 'a call', got: shown(node) });
  const inputs = node.map((input) => {
    const ref = refOf(input);
    if (ref === undefined)
      throw invalidLayer(layer, { expected: '[layer, call, output]', got: shown(input) });
    if (isArray(input)) refuseArguments(input[3] ?? {}, layer);
    return ref;
  });
  return { inputs, shapes: [] };
}

function keras3Call(node: JsonObject, layer: LayerIdentity): Call {
  const args = field(node, 'args');
  if (!isArray(args)) throw invalidLayer(layer, { expected: 'a list of arguments', got: shown(args) });
  refuseArguments(field(node, 'kwargs') ?? {}, layer);
  const [first = [], ...others] = args;
  const other = others.find((argument) => argument !== null);
  if (other !== undefined) throw unsupportedLayer(layer, `a call with the further argument ${shown(other)}`);
  const tensors = tensorsOf(first, layer, MAX_NESTING);
  return { inputs: tensors.map(({ ref }) => ref), shapes: tensors.map(({ shape }) => shape) };
}

interface KerasTensor {
  readonly ref: TensorRef;
  readonly shape: Shape | undefined;
}

function tensorsOf(value: Json, layer: LayerIdentity, depth: number): readonly KerasTensor[] {
  if (isArray(value) && depth > 0) return value.flatMap((each) => tensorsOf(each, layer, depth - 1));
  const config =
    isObject(value) && field(value, 'class_name') === '__keras_tensor__' ? field(value, 'config') : undefined;
  const ref = isObject(config) ? refOf(field(config, 'keras_history')) : undefined;
  if (!isObject(config) || ref === undefined) {
    throw unsupportedLayer(layer, `a call with the argument ${shown(value)}`);
  }
  return [{ ref, shape: shapeOf(field(config, 'shape')) }];
}

/** Further arguments of a call must not change the layer. */
function refuseArguments(given: Json, layer: LayerIdentity): void {
  if (!isObject(given)) throw invalidLayer(layer, { expected: 'named arguments', got: shown(given) });
  for (const [key, value] of Object.entries(given)) {
    if (value === null || value === false) continue;
    throw unsupportedLayer(layer, `a call with ${key} = ${shown(value)}`);
  }
}

function refOf(value: Json | undefined): TensorRef | undefined {
  if (!isArray(value)) return undefined;
  const [layer, call, output] = value;
  return typeof layer === 'string' && isIndex(call) && isIndex(output) ? { layer, call, output } : undefined;
}

function isIndex(value: Json | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/** The inputs or outputs of a model: one [name, call, output], several of them, or some by name. */
export function endsOf(value: Json | undefined, what: string, file: string): readonly TensorRef[] {
  const one = refOf(value);
  if (one !== undefined) return [one];
  const list = isObject(value) ? Object.values(value) : value;
  const refs = isArray(list) ? list.map(refOf) : [];
  const known = refs.filter((ref) => ref !== undefined);
  if (known.length > 0 && known.length === refs.length) return known;
  throw invalidFile(file, { expected: `the ${what} of a model`, got: shown(value) });
}

/** The form of a reference in TensorFlow.js. */
export function refJson({ layer, call, output }: TensorRef): Json {
  return [layer, call, output];
}

/**
 * Counts the calls of models as TensorFlow.js does. A model that is called in another one has an earlier call of its own,
 * that of its inputs. Keras 3 counts that call for some of its classes only.
 */
export function countedAlike(
  layers: readonly GraphLayer[],
  ends: readonly TensorRef[],
): (ref: TensorRef) => TensorRef {
  const refs = [...layers.flatMap(({ calls }) => calls.flatMap(({ inputs }) => inputs)), ...ends];
  const fromZero = new Set(refs.filter(({ call }) => call === 0).map(({ layer }) => layer));
  const models = new Set(
    layers.filter(({ isCalled, calls }) => isCalled && calls.length > 0).map(({ name }) => name),
  );
  return (ref) => (models.has(ref.layer) && fromZero.has(ref.layer) ? { ...ref, call: ref.call + 1 } : ref);
}

/**
 * Refuses a graph that cannot be built up from its inputs: TensorFlow.js would try forever.
 *
 * @throws EdjmError `INVALID_FILE`.
 */
export function checkGraph(layers: readonly GraphLayer[], ends: readonly TensorRef[], file: string): void {
  const bare = layers.find(({ calls }) => calls.some(({ inputs }) => inputs.length === 0));
  if (bare !== undefined) {
    throw invalidFile(file, {
      expected: 'layers that are called on tensors',
      got: `a call of '${bare.name}' without any`,
    });
  }
  const made = new Map(layers.map(({ name, isCalled }) => [name, isCalled ? 1 : 0]));
  const isMade = ({ layer, call }: TensorRef): boolean => call < (made.get(layer) ?? 0);
  let waiting = layers.flatMap(({ name, calls }) => calls.map((call) => ({ name, call })));
  for (let before = Infinity; waiting.length < before;) {
    before = waiting.length;
    waiting = waiting.filter(({ name, call }) => {
      if (!call.inputs.every(isMade)) return true;
      made.set(name, (made.get(name) ?? 0) + 1);
      return false;
    });
  }
  const missing = [...waiting.flatMap(({ call }) => call.inputs), ...ends].find((ref) => !isMade(ref));
  if (missing === undefined) return;
  throw invalidFile(file, {
    expected: 'layers that are called on what was computed before',
    got: `call ${missing.call} of '${missing.layer}', which cannot be computed`,
  });
}
