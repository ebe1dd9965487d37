import type { Hdf5Array, Hdf5File } from './hdf5File.ts';
import { fits, shapeText, type LayerWeights } from './layerWeights.ts';
import type { NamedArray } from './namedArray.ts';
import { invalidFile } from '../refusal.ts';

/** The group of a model's layers in the weights of a .keras archive: since Keras 2.13, and before. */
const LAYERS = 'layers';
const LAYERS_BEFORE = '_layer_checkpoint_dependencies';

/**
 * The weights of a .keras archive: layers/dense_1/vars/0, where dense_1 is the second layer of class Dense in its
 * model, whatever it is called.
 *
 * @throws EdjmError `INVALID_FILE` for weights that are missing, left over, or of another shape than the layers need.
 */
export function archiveWeights(file: Hdf5File, model: LayerWeights, name: string): readonly NamedArray[] {
  return new ArchiveReader(file, name).weightsOf(model, '');
}

class ArchiveReader {
  readonly #file: Hdf5File;
  readonly #name: string;

  constructor(file: Hdf5File, name: string) {
    this.#file = file;
    this.#name = name;
  }

  weightsOf(layer: LayerWeights, path: string): readonly NamedArray[] {
    return [
      ...this.#ownArrays(layer, path),
      ...layer.wrapped.flatMap(({ attribute, weights }) => this.weightsOf(weights, joined(path, attribute))),
      ...this.#layersOf(layer, path),
    ];
  }

  #ownArrays(layer: LayerWeights, path: string): readonly NamedArray[] {
    const vars = joined(joined(path, layer.holder), 'vars');
    const stored = this.#storedArrays(vars);
    if (stored.length !== layer.arrays.length) {
      throw invalidFile(this.#name, {
        expected: `${layer.arrays.length} arrays of weights for layer '${layer.name}' (${layer.className})`,
        got: `${stored.length} as '${vars}'`,
      });
    }
    return layer.arrays.map(({ tfjsName, shape: expected, isIdle }, index) => {
      const found = stored[index];
      const shape = found?.shape ?? [];
      if (found === undefined || !fits(shape, expected)) {
        throw invalidFile(this.#name, {
          expected: `shape ${shapeText(expected ?? [])} for ${tfjsName} of layer '${layer.name}' (${layer.className})`,
          got: found === undefined ? 'no array' : shapeText(shape),
        });
      }
      return { name: tfjsName, shape, values: isIdle === true ? new Float32Array(1) : found.read() };
    });
  }

  /** The arrays 0, 1, 2, … of a group; what else there is makes their number wrong. */
  #storedArrays(vars: string): readonly (Hdf5Array | undefined)[] {
    return this.#keys(vars).map((_, index) => this.#file.array(`${this.#placeOf(vars)}/${index}`));
  }

  #layersOf(model: LayerWeights, path: string): readonly NamedArray[] {
    if (model.layers.length === 0) return [];
    const layers = joined(path, LAYERS);
    const before = joined(path, LAYERS_BEFORE);
    const isBefore = this.#keys(layers).length === 0 && this.#keys(before).length > 0;
    return isBefore ? this.#countedByWeights(model, before) : this.#countedByClass(model, layers);
  }

  #countedByClass(model: LayerWeights, path: string): readonly NamedArray[] {
    const counts = new Map<string, number>();
    const places = model.layers.map(({ className }) => {
      const group = snakeCase(className);
      const count = counts.get(group) ?? 0;
      counts.set(group, count + 1);
      return count === 0 ? group : `${group}_${count}`;
    });
    const extra = this.#keys(path).find(
      (key) => !places.includes(key) && this.#holdsArrays(`${path}/${key}`),
    );
    if (extra !== undefined) {
      throw invalidFile(this.#name, {
        expected: 'weights of the layers of the model alone',
        got: `more as '${path}/${extra}'`,
      });
    }
    return model.layers.flatMap((layer, index) => this.weightsOf(layer, joined(path, places[index] ?? '')));
  }

  /** Before Keras 2.13 layers with weights were counted twice, or not: only their order is certain. */
  #countedByWeights(model: LayerWeights, path: string): readonly NamedArray[] {
    const withArrays = model.layers.filter(hasArrays);
    const places = new Map<LayerWeights, string>();
    for (const className of new Set(withArrays.map((layer) => layer.className))) {
      const group = snakeCase(className);
      const layers = withArrays.filter((layer) => layer.className === className);
      const keys = this.#keys(path)
        .flatMap((key) => {
          const count =
            key === group ? 0 : key.startsWith(`${group}_`) ? Number(key.slice(group.length + 1)) : NaN;
          return Number.isInteger(count) && this.#holdsArrays(`${path}/${key}`) ? [{ key, count }] : [];
        })
        .sort((a, b) => a.count - b.count);
      if (keys.length !== layers.length) {
        throw invalidFile(this.#name, {
          expected: `weights for ${layers.length} layers of class ${className}`,
          got: `${keys.length} as '${path}/${group}'`,
        });
      }
      layers.forEach((layer, index) => places.set(layer, keys[index]?.key ?? group));
    }
    return withArrays.flatMap((layer) => this.weightsOf(layer, joined(path, places.get(layer) ?? '')));
  }

  /** Whether there are arrays in a group, at most some levels below it. */
  #holdsArrays(path: string, depth = 4): boolean {
    return this.#keys(path).some((key) =>
      key === 'vars'
        ? this.#keys(`${path}/vars`).length > 0
        : depth > 0 && this.#holdsArrays(`${path}/${key}`, depth - 1),
    );
  }

  #keys(path: string): readonly string[] {
    const keys = this.#file.keys(this.#placeOf(path));
    if (keys.length > 0 || path === '') return keys;
    const start = `${windowsPath(path)}\\`;
    const below = this.#file.keys('').filter((key) => key.startsWith(start));
    return [...new Set(below.map((key) => key.slice(start.length).split('\\', 1)[0] ?? ''))];
  }

  /** On Windows, Keras once wrote a\b\c as the name of one group, with vars in it. */
  #placeOf(path: string): string {
    const group = path.replace(/\/vars$/, '');
    const windows = windowsPath(group);
    return this.#file.keys('').includes(windows) ? path.replace(group, () => windows) : path;
  }
}

function windowsPath(path: string): string {
  return path.replaceAll('/', '\\');
}

function hasArrays(layer: LayerWeights): boolean {
  return (
    layer.arrays.length > 0 ||
    layer.wrapped.some(({ weights }) => hasArrays(weights)) ||
    layer.layers.some(hasArrays)
  );
}

function joined(path: string, part: string): string {
  if (part === '') return path;
  return path === '' ? part : `${path}/${part}`;
}

/** How Keras turns the name of a class into that of a group: LeakyReLU becomes leaky_re_lu. */
function snakeCase(className: string): string {
  return className
    .replaceAll(/\W+/g, '')
    .replaceAll(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replaceAll(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
}
