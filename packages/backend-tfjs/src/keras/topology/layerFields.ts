import { activationName } from './activation.ts';
import { field, isArray, isObject, shown, type Json, type JsonObject } from '../json.ts';
import type { Origin } from './origin.ts';
import { invalidLayer, unsupportedLayer, type LayerIdentity } from '../refusal.ts';

/** Sizes of the axes of an array; null if a size is not known, or free. */
export type Shape = readonly (number | null)[];

/** Properties of a layer besides its config. */
export interface KnownOfLayer {
  readonly origin: Origin;
  readonly inputShape?: Shape | undefined;
  readonly outputShape?: Shape | undefined;
}

/** Fields that a layer's output does not depend on: the initial weights, their regularization in training, and their type. */
const WITHOUT_EFFECT =
  /^(name|trainable|dtype|autocast|batch_input_shape|batch_shape|(\w+_)?(initializer|regularizer|constraint))$/;

/**
 * The config of one layer, field by field. Fields that no rule has read are refused at the end, because an unknown field
 * may change the result of the layer.
 */
export class LayerFields {
  readonly layer: LayerIdentity;
  readonly origin: Origin;
  /** The shape of the layer's input, if the file states it. */
  readonly inputShape: Shape | undefined;
  /** The shape of its output, if the file states it. */
  readonly outputShape: Shape | undefined;
  readonly #values: JsonObject;
  readonly #asked = new Set<string>();

  constructor(layer: LayerIdentity, values: JsonObject, { origin, inputShape, outputShape }: KnownOfLayer) {
    this.layer = layer;
    this.origin = origin;
    this.inputShape = inputShape;
    this.outputShape = outputShape;
    this.#values = values;
  }

  /** The field as it is; `undefined` if it is absent or null. */
  raw(key: string): Json | undefined {
    this.#asked.add(key);
    return field(this.#values, key);
  }

  /** A whole number of at least 1. */
  count(key: string, fallback?: number): number {
    const value = this.raw(key) ?? fallback;
    if (isCount(value)) return value;
    throw this.#invalid(key, 'a whole number above 0', value);
  }

  /** Any number; also in the form that older writers give to NumPy's scalars. */
  number(key: string, fallback?: number): number {
    const value = this.raw(key) ?? fallback;
    const scalar = isObject(value) && field(value, 'type') === 'ndarray' ? field(value, 'value') : value;
    if (typeof scalar === 'number') return scalar;
    throw this.#invalid(key, 'a number', value);
  }

  flag(key: string, fallback: boolean): boolean {
    const value = this.raw(key) ?? fallback;
    if (typeof value === 'boolean') return value;
    throw this.#invalid(key, 'true or false', value);
  }

  /** One of some words; any other is refused as not covered. */
  choice<T extends string>(key: string, choices: readonly T[], fallback: T): T {
    const value = this.raw(key) ?? fallback;
    const chosen = choices.find((choice) => choice === value);
    if (chosen !== undefined) return chosen;
    throw this.unsupported(key, value);
  }

  /** Numbers, or one. */
  numbers(key: string, fallback: number): readonly number[] | number {
    const value = this.raw(key) ?? fallback;
    return isArray(value) && value.every((each) => typeof each === 'number')
      ? value
      : this.number(key, fallback);
  }

  /** `length` whole numbers above 0, or one that stands for all of them. */
  sizes(key: string, length: number, fallback?: number): readonly number[] {
    const value = this.raw(key) ?? fallback;
    const list = isArray(value) ? value : Array.from({ length }, () => value ?? null);
    if (list.length === length && list.every(isCount)) return list;
    throw this.#invalid(key, `${length} whole numbers above 0`, value);
  }

  /** Whole numbers, however many. */
  integers(key: string): readonly number[] {
    const value = this.raw(key);
    if (isArray(value) && value.every(isInteger)) return value;
    throw this.#invalid(key, 'a list of whole numbers', value);
  }

  /** One whole number, also as a list of one. */
  integer(key: string, fallback?: number): number {
    const value = this.raw(key) ?? fallback;
    const only = isArray(value) && value.length === 1 ? value[0] : value;
    if (isInteger(only)) return only;
    if (isArray(value) && value.every(isInteger)) throw this.unsupported(key, value);
    throw this.#invalid(key, 'a whole number', value);
  }

  /** The name that TensorFlow.js has for an activation. */
  activation(key: string, fallback = 'linear'): string {
    const value = this.raw(key) ?? (Object.hasOwn(this.#values, key) ? 'linear' : fallback);
    return activationName(value, this.layer, this.origin);
  }

  /** Refuses a field that has any other value than these; if it is absent or null, all is well. */
  only(key: string, ...allowed: readonly (boolean | number | string)[]): void {
    const value = this.raw(key);
    const values = isArray(value) ? value : [value];
    if (!values.every((each) => each === undefined || allowed.some((other) => other === each))) {
      throw this.unsupported(key, value);
    }
  }

  /** Passes over fields that change nothing in a trained model. */
  ignore(...keys: readonly string[]): void {
    for (const key of keys) this.#asked.add(key);
  }

  /** Refuses the remaining fields, unless they are switched off. */
  finish(): void {
    for (const [key, value] of Object.entries(this.#values)) {
      if (this.#asked.has(key) || WITHOUT_EFFECT.test(key) || isOff(value)) continue;
      throw this.unsupported(key, value);
    }
  }

  unsupported(key: string, value: Json | undefined): Error {
    return unsupportedLayer(this.layer, `${key} = ${shown(value)}`);
  }

  #invalid(key: string, expected: string, value: Json | undefined): Error {
    return invalidLayer(this.layer, { expected: `${expected} as '${key}'`, got: shown(value) });
  }
}

function isCount(value: Json | undefined): value is number {
  return isInteger(value) && value > 0;
}

function isInteger(value: Json | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value);
}

function isOff(value: Json): boolean {
  if (isArray(value)) return value.length === 0;
  if (isObject(value)) return Object.keys(value).length === 0;
  return value === null || value === false;
}
