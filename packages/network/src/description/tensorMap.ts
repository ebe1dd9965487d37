import { EdjmError } from '@edjm/core';
import type { Tensor } from '../layers/layer.ts';

/**
 * Other names in a file of weights, by the names of `networkParameters` and `networkStatistics`: of tensors (`'0.weight': 'fc1.weight'`), or
 * of layers (`'0': 'fc1'` for all tensors of layer 0).
 */
export type TensorMap = Readonly<Record<string, string>>;

const layerOf = (name: string) => name.slice(0, Math.max(0, name.lastIndexOf('.')));

/**
 * Tensors under the names that a network expects.
 *
 * @throws EdjmError `INVALID_ARGUMENT` for a name that is not of the network, a tensor that is not in the file, and one for two names.
 */
export function mapped(
  tensors: ReadonlyMap<string, Tensor>,
  expected: readonly string[],
  map: TensorMap = {},
): ReadonlyMap<string, Tensor> {
  const stranger = Object.keys(map).find((key) =>
    expected.every((name) => name !== key && layerOf(name) !== key),
  );
  if (stranger !== undefined)
    throw invalid(`layers or tensors of the network among ${expected.join(', ')}`, stranger);
  const renamed = new Map<string, Tensor>();
  const used = new Set<string>();
  for (const name of expected) {
    const layer = layerOf(name);
    const theirs = Object.hasOwn(map, name)
      ? map[name]
      : Object.hasOwn(map, layer)
        ? `${map[layer] ?? ''}${name.slice(layer.length)}`
        : undefined;
    if (theirs === undefined) continue;
    const tensor = tensors.get(theirs);
    if (tensor === undefined) throw invalid(`tensors ${[...tensors.keys()].join(', ')}`, theirs);
    if (used.has(theirs)) throw invalid('each tensor of the file once', theirs, ' twice');
    used.add(theirs);
    renamed.set(name, tensor);
  }
  const others = [...tensors].filter(([name]) => !used.has(name));
  const taken = others.find(([name]) => renamed.has(name));
  if (taken !== undefined) throw invalid('a name for every tensor of the file', taken[0], ' without one');
  return new Map([...renamed, ...others]);
}

function invalid(expected: string, got: string, how = ''): EdjmError {
  return new EdjmError(
    'INVALID_ARGUMENT',
    `expected ${expected}, got "${got}"${how}. Correct the option 'map' (--map LAYER=NAME).`,
  );
}
