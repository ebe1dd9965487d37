import { allArrays, type LayerWeights, type OwnedArray } from './layerWeights.ts';
import { invalidFile } from '../refusal.ts';

/**
 * Maps stored names to the arrays of some layers, and of the layers in them: by the names if these suffice, otherwise by
 * their order. Names have many forms: dense/kernel:0, lstm/lstm_cell/bias, model/dense_1/kernel, dense_1_W.
 *
 * @throws EdjmError `INVALID_FILE` if there are too many or too few names, or names of other arrays.
 */
export function arraysOfNames(
  layers: readonly LayerWeights[],
  names: readonly string[],
  file: string,
): readonly OwnedArray[] {
  const arrays = layers.flatMap(allArrays);
  if (arrays.length !== names.length) {
    const owners = layers.map((layer) => `'${layer.name}' (${layer.className})`);
    throw invalidFile(file, {
      expected: `${arrays.length} arrays of weights for ${owners.join(', ')}`,
      got: String(names.length),
    });
  }
  const stored = names.map(partsOf);
  const byName = stored.map((parts) => arrays.filter((owned) => isNamed(owned, parts)));
  const found = byName.flatMap((candidates) => (candidates.length === 1 ? candidates : []));
  if (new Set(found).size === arrays.length) return found;
  const ordered = layers.flatMap((layer) => inOrder(allArrays(layer)));
  const wrong = ordered.findIndex(({ array }, index) => !mayMean(array, stored[index]?.at(-1) ?? ''));
  if (wrong < 0) return ordered;
  throw invalidFile(file, {
    expected: `${ordered[wrong]?.array.name ?? ''} of layer '${ordered[wrong]?.layer.name ?? ''}'`,
    got: `weights named '${names[wrong] ?? ''}'`,
  });
}

/** Keras lists what is not trained last in each layer. */
function inOrder(arrays: readonly OwnedArray[]): readonly OwnedArray[] {
  const isTrained = ({ array, layer }: OwnedArray): boolean => layer.isTrained && array.isTrained !== false;
  return [...arrays.filter(isTrained), ...arrays.filter((owned) => !isTrained(owned))];
}

function partsOf(name: string): readonly string[] {
  return name.replace(/:\d+$/, '').split('/');
}

function isNamed({ array, layer }: OwnedArray, parts: readonly string[]): boolean {
  const last = parts.at(-1);
  return (
    (last === array.name || last === array.alias) &&
    layer.name.split('/').every((part) => parts.includes(part))
  );
}

/** Names that tell what they are. */
const telling: ReadonlySet<string> = new Set([
  'alpha',
  'beta',
  'bias',
  'depthwise_kernel',
  'embeddings',
  'gamma',
  'kernel',
  'moving_mean',
  'moving_variance',
  'pointwise_kernel',
  'recurrent_kernel',
]);

function mayMean({ name, alias }: OwnedArray['array'], stored: string): boolean {
  return stored === name || stored === alias || !telling.has(stored);
}
