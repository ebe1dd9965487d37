import type { DenseMatrix } from '@edjm/core';
import type { KernelBackend, Tensor } from '@tensorflow/tfjs';
import type { Tf } from './tf.ts';

/** An attribute of an operation of TensorFlow. */
interface Attribute {
  readonly name: string;
  readonly type: number;
  readonly value: boolean | number;
}

/** The native part of @tensorflow/tfjs-node. It runs any operation of TensorFlow on tensors that it knows by number. */
interface Binding {
  executeOp(
    name: string,
    attributes: readonly Attribute[],
    inputs: readonly number[],
    outputs: number,
  ): { id: number }[];
  createTensor(shape: readonly number[], type: number, values: Int32Array): number;
  deleteTensor(id: number): void;
  tensorDataSync(id: number): Float32Array;
  readonly TF_ATTR_TYPE: number;
  readonly TF_ATTR_BOOL: number;
  readonly TF_Version: string;
}

/** The engine of @tensorflow/tfjs-node, as far as it is used here. */
interface NativeBackend extends KernelBackend {
  readonly binding: Binding;
  getInputTensorIds(tensors: readonly Tensor[]): number[];
}

/** TensorFlow's numbers for types (TF_DataType): the types of TensorFlow.js, and float64, which it lacks. */
const FLOAT32 = 1;
const FLOAT64 = 2;
const INT32 = 3;

function isNative(backend: KernelBackend): backend is NativeBackend {
  return ['binding', 'getInputTensorIds'].every((name) => name in backend);
}

/** The version of TensorFlow itself, if the engine is loaded. */
export function tensorflowVersion(tf: Tf): string | undefined {
  const backend = tf.engine().registry['tensorflow'];
  return backend !== undefined && isNative(backend) ? backend.binding.TF_Version : undefined;
}

/** The engine `'tensorflow'`, if it is the active one. */
function nativeBackend(tf: Tf): NativeBackend | undefined {
  const backend = tf.backend();
  return tf.getBackend() === 'tensorflow' && isNative(backend) ? backend : undefined;
}

/** Whether the active engine forms products in float64. */
export function hasFloat64(tf: Tf): boolean {
  return nativeBackend(tf) !== undefined;
}

/** Blocks of a Gram matrix: with four of them 5/8 of the products are computed instead of all. */
const GRAM_BLOCKS = 4;
/** A block of fewer rows would make products too thin to be fast. */
const LEAST_BLOCK_ROWS = 64;

/**
 * RᵀR of rows R, [n, d], in float64, as block rows of its lower triangle: the rows are widened, and multiplied by TensorFlow.
 * TensorFlow.js has no type for that, so the tensors are its native part's own, and the bytes of the result are read as float32.
 */
export function float64Gram(tf: Tf, rows: Tensor): readonly GramBlock[] {
  const backend = nativeBackend(tf);
  if (backend === undefined) throw new Error('expected the engine tensorflow to be active.');
  const [n = 0, order = 0] = rows.shape;
  const operations = new Operations(backend.binding);
  try {
    const columns = operations.widened(operations.transposed(backend.getInputTensorIds([rows])));
    const size = Math.ceil(order / Math.max(1, Math.min(GRAM_BLOCKS, Math.floor(order / LEAST_BLOCK_ROWS))));
    const blocks: GramBlock[] = [];
    for (let first = 0; first < order; first += size) {
      const end = Math.min(order, first + size);
      const block = operations.product(
        operations.part(columns, [first, end - first, n]),
        end === order ? columns : operations.part(columns, [0, end, n]),
      );
      blocks.push({ rows: end - first, columns: end, data: operations.read(block) });
    }
    return blocks;
  } finally {
    operations.dispose();
  }
}

/** Block rows of a Gram matrix that may be added to. */
export type GramBlock = DenseMatrix & { readonly data: Float64Array };

/** Operations on tensors that the native part knows by number; their outputs are kept until the end. */
class Operations {
  readonly #binding: Binding;
  readonly #made: number[] = [];

  constructor(binding: Binding) {
    this.#binding = binding;
  }

  /** Of [n, d] in float32. */
  transposed(inputs: readonly number[]): number {
    const order = this.#integers([1, 0]);
    return this.#run('Transpose', [this.#type('T', FLOAT32), this.#type('Tperm', INT32)], [...inputs, order]);
  }

  widened(input: number): number {
    const attributes = [
      this.#type('SrcT', FLOAT32),
      this.#type('DstT', FLOAT64),
      this.#flag('Truncate', false),
    ];
    return this.#run('Cast', attributes, [input]);
  }

  /** Some rows in float64. */
  part(input: number, [first, count, columns]: readonly [number, number, number]): number {
    const range = [this.#integers([first, 0]), this.#integers([count, columns])];
    return this.#run('Slice', [this.#type('T', FLOAT64), this.#type('Index', INT32)], [input, ...range]);
  }

  /** A Bᵀ in float64. */
  product(a: number, b: number): number {
    const attributes = [
      this.#type('T', FLOAT64),
      this.#flag('transpose_a', false),
      this.#flag('transpose_b', true),
    ];
    return this.#run('MatMul', attributes, [a, b]);
  }

  read(input: number): Float64Array {
    const bytes = this.#run('Bitcast', [this.#type('T', FLOAT64), this.#type('type', FLOAT32)], [input]);
    const { buffer, byteOffset, byteLength } = this.#binding.tensorDataSync(bytes);
    const isAligned = byteOffset % Float64Array.BYTES_PER_ELEMENT === 0;
    return isAligned
      ? new Float64Array(buffer, byteOffset, byteLength / Float64Array.BYTES_PER_ELEMENT)
      : new Float64Array(buffer.slice(byteOffset, byteOffset + byteLength));
  }

  dispose(): void {
    for (const id of this.#made.splice(0)) this.#binding.deleteTensor(id);
  }

  #run(name: string, attributes: readonly Attribute[], inputs: readonly number[]): number {
    const [output] = this.#binding.executeOp(name, attributes, inputs, 1);
    if (output === undefined) throw new Error(`expected an output of TensorFlow's ${name}, got none.`);
    this.#made.push(output.id);
    return output.id;
  }

  #integers(values: readonly number[]): number {
    const id = this.#binding.createTensor([values.length], INT32, Int32Array.from(values));
    this.#made.push(id);
    return id;
  }

  #type(name: string, value: number): Attribute {
    return { name, type: this.#binding.TF_ATTR_TYPE, value };
  }

  #flag(name: string, value: boolean): Attribute {
    return { name, type: this.#binding.TF_ATTR_BOOL, value };
  }
}
