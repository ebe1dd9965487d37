import {
  type DenseMatrix,
  type DifferentiableNetwork,
  EdjmError,
  isWorthNarrowing,
  type NarrowedNetwork,
  type OutputKind,
} from '@edjm/core';
import { inferShapes, type Network, type Shape, valueCount } from '@edjm/network';
import { affineLayers } from './affineLayers.ts';
import type { LayerFunction } from './layerFunction.ts';
import { networkFunction } from './networkFunction.ts';

/** Large enough to make the calls few, small enough for steady progress. */
const BATCH_SIZE = 64;

/** A network as data, run sample by sample. It is differentiated with respect to what goes into one of its layers. */
export class CpuNetwork implements DifferentiableNetwork {
  readonly name: string;
  readonly inputShape: readonly number[];
  readonly sampleSize: number;
  readonly dIn: number;
  readonly dOut: number;
  readonly outputKind: OutputKind;
  readonly precision = 'float64';
  readonly preferredBatchSize: number = BATCH_SIZE;
  /** Of one sample, input and all layers' outputs together. */
  readonly #activationCount: number;
  /** The layer with respect to whose input it is differentiated. */
  readonly #first: number;
  #network: Network;
  /** Values in front of each layer, and at the end. */
  readonly #sizes: readonly number[];
  #linearize: LayerFunction | undefined;

  /** @param first - the layer with respect to whose input the network is differentiated; 0 for the first. */
  constructor(network: Network, outputKind: OutputKind, first = 0) {
    const shapes = inferShapes(network);
    const sizes = shapes.map(valueCount);
    this.name = network.name;
    this.inputShape = network.inputShape;
    this.sampleSize = sizes[0] as number;
    this.dIn = sizes[first] as number;
    this.dOut = sizes.at(-1) as number;
    this.outputKind = outputKind;
    this.#activationCount = sizes.reduce((total, size) => total + size);
    this.#first = first;
    this.#network = network;
    this.#sizes = sizes;
    this.#linearize = behindLayer(network, first);
  }

  /** The network that runs. */
  protected get network(): Network {
    return this.#network;
  }

  /** Runs another network of the same layers from now on. @throws EdjmError as `load`; it runs the one before then. */
  protected replaceNetwork(network: Network): void {
    this.#linearize = behindLayer(network, this.#first);
    this.#network = network;
  }

  async forward(batch: DenseMatrix): Promise<DenseMatrix> {
    const linearize = this.#ready(batch);
    return eachRow(batch, this.dOut, (x) => linearize(x).y);
  }

  async vjp(batch: DenseMatrix, cotangents: DenseMatrix): Promise<DenseMatrix> {
    const linearize = this.#ready(batch);
    checkShape(cotangents, [batch.rows, this.dOut], `${this.name}, cotangents`);
    return eachRow(batch, this.dIn, (x, i) => linearize(x).vjp(row(cotangents, i)));
  }

  async jvp(batch: DenseMatrix, tangents: DenseMatrix): Promise<DenseMatrix> {
    const linearize = this.#ready(batch);
    checkShape(tangents, [batch.rows, this.dIn], `${this.name}, tangents`);
    return eachRow(batch, this.dOut, (x, i) => linearize(x).jvp(row(tangents, i)));
  }

  /** Of a network that is narrowed already there is no narrower one: it was the narrowest. */
  async narrowed(atMost = Infinity): Promise<NarrowedNetwork | undefined> {
    this.checkInUse();
    const { name, inputShape, layers } = this.#network;
    const fronts = this.#sizes.slice(0, affineLayers(layers) + 1);
    const h = Math.min(...fronts);
    if (h > atMost || !isWorthNarrowing(h, this.dIn)) return undefined;
    const first = fronts.indexOf(h);
    const { vjp } = networkFunction({ name, inputShape, layers: layers.slice(0, first) })(
      new Float64Array(this.sampleSize),
    );
    const data = new Float64Array(h * this.sampleSize);
    for (let row = 0; row < h; row++) {
      const unit = new Float64Array(h);
      unit[row] = 1;
      data.set(vjp(unit), row * this.sampleSize);
    }
    return {
      network: new CpuNetwork(this.#network, this.outputKind, first),
      matrix: { rows: h, columns: this.sampleSize, data },
    };
  }

  workspaceBytes(n: number, outputs: number): number {
    const perSample = this.sampleSize * (outputs + 1) + 2 * this.dOut;
    // A layer keeps its input, its output and at most one more array of that size (slopes), and a product is on its way.
    return Float64Array.BYTES_PER_ELEMENT * (n * perSample + 4 * this.#activationCount);
  }

  async dispose(): Promise<void> {
    this.#linearize = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.dispose();
  }

  #ready(batch: DenseMatrix): LayerFunction {
    const linearize = this.checkInUse();
    checkShape(batch, [batch.rows, this.sampleSize], `${this.name}, batch`);
    return linearize;
  }

  /** @throws EdjmError `INVALID_ARGUMENT` after `dispose`. */
  protected checkInUse(): LayerFunction {
    if (this.#linearize) return this.#linearize;
    throw new EdjmError(
      'INVALID_ARGUMENT',
      `expected a loaded network, got ${this.name} after dispose(). Load it again.`,
    );
  }
}

/** The network as a function of a sample, linearized with respect to what goes into one of its layers. */
function behindLayer(network: Network, first: number): LayerFunction {
  const { name, inputShape, layers } = network;
  const front = inferShapes(network)[first] as Shape;
  const before = networkFunction({ name, inputShape, layers: layers.slice(0, first) });
  const rest = networkFunction({ name, inputShape: front, layers: layers.slice(first) });
  return (x) => rest(before(x).y);
}

function eachRow(
  batch: DenseMatrix,
  columns: number,
  f: (x: Float64Array, i: number) => Float64Array,
): DenseMatrix {
  const data = new Float64Array(batch.rows * columns);
  for (let i = 0; i < batch.rows; i++) data.set(f(row(batch, i), i), i * columns);
  return { rows: batch.rows, columns, data };
}

function row({ columns, data }: DenseMatrix, i: number): Float64Array {
  return Float64Array.from(data.subarray(i * columns, (i + 1) * columns));
}

function checkShape(matrix: DenseMatrix, [rows, columns]: Shape, what: string): void {
  if (
    matrix.rows !== rows ||
    matrix.columns !== columns ||
    matrix.data.length !== valueCount([matrix.rows, matrix.columns])
  ) {
    throw new EdjmError(
      'SHAPE_MISMATCH',
      `${what}: expected ${rows} × ${columns} values, got ${matrix.rows} × ${matrix.columns} in an array of ${matrix.data.length}.`,
    );
  }
}
