import {
  type DifferentiableNetwork,
  type Head,
  type RawNetwork,
  type CallSize,
  isWorthNarrowing,
  engineNetwork,
  type NarrowedNetwork,
  type ParameterChange,
  type Run,
} from '@edjm/core';
import {
  inferShapes,
  type Network,
  networkTensors,
  type Shape,
  valueCount,
  withParameters,
} from '@edjm/network';
import { activationPattern, isPiecewiseLinear, type PatternOf } from './activationPatterns.ts';
import { affineLayers } from './affineLayers.ts';
import type { LayerFunction } from './layerFunction.ts';
import { networkFunction } from './networkFunction.ts';
import { joined, parts } from './parts.ts';

/** Large enough to make the calls few, small enough for steady progress. */
const BATCH_SIZE = 64;

/** A network as data, run sample by sample. It is differentiated with respect to the input of one of its layers. */
export class CpuNetwork implements RawNetwork {
  readonly name: string;
  readonly inputShape: readonly number[];
  readonly dIn: number;
  readonly dOut: number;
  readonly outputKind: 'logit' | 'as-is';
  readonly head: Head | undefined;
  readonly precision = 'float64';
  readonly preferredBatchSize: number = BATCH_SIZE;
  readonly activationPatterns?: (run: Run) => Promise<Uint8Array>;
  /** The number of values in front of each layer, and at the end. */
  readonly #sizes: readonly number[];
  /** The layer with respect to whose input it is differentiated. */
  readonly #first: number;
  #network: Network;
  #linearize: LayerFunction;

  /**
   * @param head - what was taken off from the end of the network.
   * @param first - the layer with respect to whose input the network is differentiated; 0 for the first.
   */
  constructor(network: Network, head?: Head, first = 0) {
    const sizes = inferShapes(network).map(valueCount);
    this.name = network.name;
    this.inputShape = network.inputShape;
    this.dIn = sizes[first] as number;
    this.dOut = sizes.at(-1) as number;
    this.outputKind = head?.kind === 'as-is' ? 'as-is' : 'logit';
    this.head = head;
    this.#sizes = sizes;
    this.#first = first;
    this.#network = network;
    this.#linearize = behindLayer(network, first);
    if (isPiecewiseLinear(network)) {
      this.activationPatterns = async (run) => patternsOf(samplesOf(run), activationPattern(this.#network));
    }
  }

  /** The network that runs. */
  protected get network(): Network {
    return this.#network;
  }

  /** Runs another network of the same layers from now on. @throws EdjmError as `load`; the network before stays in use then. */
  protected replaceNetwork(network: Network): void {
    this.#linearize = behindLayer(network, this.#first);
    this.#network = network;
  }

  async forward(run: Run): Promise<Float64Array> {
    return joined(samplesOf(run).map((x) => this.#linearize(x).y));
  }

  async vjp(run: Run, cotangents: Float64Array): Promise<Float64Array> {
    const each = parts(cotangents, run.size);
    return joined(samplesOf(run).map((x, i) => this.#linearize(x).vjp(each[i] as Float64Array)));
  }

  async jvp(run: Run, tangents: Float64Array): Promise<Float64Array> {
    const each = parts(tangents, run.size);
    return joined(samplesOf(run).map((x, i) => this.#linearize(x).jvp(each[i] as Float64Array)));
  }

  /** A network that was narrowed already is the narrowest. */
  async narrowed(atMost: number): Promise<NarrowedNetwork | undefined> {
    const { name, inputShape, layers } = this.#network;
    const fronts = this.#sizes.slice(0, affineLayers(layers) + 1);
    const h = Math.min(...fronts);
    if (h > atMost || !isWorthNarrowing(h, this.dIn)) return undefined;
    const first = fronts.indexOf(h);
    const sampleSize = valueCount(inputShape);
    const { vjp } = networkFunction({ name, inputShape, layers: layers.slice(0, first) })(
      new Float64Array(sampleSize),
    );
    const data = new Float64Array(h * sampleSize);
    for (let row = 0; row < h; row++) {
      const unit = new Float64Array(h);
      unit[row] = 1;
      data.set(vjp(unit), row * sampleSize);
    }
    return {
      network: engineNetwork(new CpuNetwork(this.#network, this.head, first)),
      matrix: { rows: h, columns: sampleSize, data },
    };
  }

  async reparameterized(change: ParameterChange): Promise<DifferentiableNetwork> {
    const changed = networkTensors(this.#network).flatMap((parameter) => {
      const data = change(parameter);
      return data ? [[parameter.name, { shape: parameter.shape, data }] as const] : [];
    });
    const network = withParameters(this.#network, new Map(changed));
    return engineNetwork(new CpuNetwork(network, this.head, this.#first));
  }

  workspaceBytes({ size, outputs }: CallSize): number {
    const activations = this.#sizes.reduce((total, values) => total + values);
    const perSample = valueCount(this.inputShape) * (outputs + 1) + 2 * this.dOut;
    // A layer keeps its input, its output and at most one more array of that size (slopes), and a product is on its way.
    return Float64Array.BYTES_PER_ELEMENT * (size * perSample + 4 * activations);
  }

  /** The network holds nothing but arrays. */
  async dispose(): Promise<void> {}
}

/** The network as a function of a sample, linearized with respect to the input of one of its layers. */
function behindLayer(network: Network, first: number): LayerFunction {
  const { name, inputShape, layers } = network;
  const front = inferShapes(network)[first] as Shape;
  const before = networkFunction({ name, inputShape, layers: layers.slice(0, first) });
  const rest = networkFunction({ name, inputShape: front, layers: layers.slice(first) });
  return (x) => rest(before(x).y);
}

/** The patterns of samples, one after the other. */
function patternsOf(samples: readonly Float64Array[], patternOf: PatternOf): Uint8Array {
  const each = samples.map(patternOf);
  const columns = each[0]?.length ?? 0;
  const patterns = new Uint8Array(each.length * columns);
  for (const [row, pattern] of each.entries()) patterns.set(pattern, row * columns);
  return patterns;
}

function samplesOf({ samples, size }: Run): readonly Float64Array[] {
  return parts(samples as Float64Array, size);
}
