import type { Tensor } from '@tensorflow/tfjs';
import type { Tf } from '../engines/tf.ts';
import { slopes } from './slopes.ts';

/** The state in which TensorFlow.js itself records computations. */
type EngineState = ReturnType<Tf['engine']>['state'];
/** One operation of a recorded computation. */
export type TapeNode = EngineState['activeTape'][number];

/** Operations whose input is kept, since it may be the logits of the network. */
const HEADS: ReadonlySet<string> = new Set([
  'Softmax',
  'LogSoftmax',
  'logSoftmax__op',
  'Sigmoid',
  'logSigmoid__op',
]);

/**
 * Operations y = J x that are linear in the named input, or piecewise linear without an offset. For these ⟨y, c⟩ = ⟨x, Jᵀc⟩
 * holds for every c, which exposes wrong derivatives: some engines of TensorFlow.js have them.
 */
export const linearIn: Readonly<Record<string, string>> = {
  AvgPool: 'x',
  AvgPool3D: 'x',
  Conv2D: 'x',
  Conv2DBackpropInput: 'dy',
  Conv3D: 'x',
  Conv3DBackpropInputV2: 'dy',
  DepthwiseConv2dNative: 'x',
  MaxPool: 'x',
  MaxPool3D: 'x',
  MirrorPad: 'x',
  ResizeBilinear: 'images',
  ResizeNearestNeighbor: 'images',
};

/** An operation of {@link linearIn}, with copies of its input and its output. */
export interface LinearNode {
  readonly node: TapeNode;
  readonly x: Tensor;
  readonly y: Tensor;
}

/**
 * Records, and keeps inputs of operations that are needed later: a tensor between two layers is freed as soon as both have run.
 */
export class Recording extends Array<TapeNode> {
  /** By the number of the tensor. */
  readonly kept = new Map<number, Tensor>();
  readonly linear: LinearNode[] = [];
  #tf: Tf | undefined;
  #checked = false;

  static on(tf: Tf, checked: boolean): Recording {
    const recording = new Recording();
    recording.#tf = tf;
    recording.#checked = checked;
    return recording;
  }

  override push(...nodes: TapeNode[]): number {
    for (const { kernelName, inputs } of nodes) {
      const [input] = HEADS.has(kernelName) || kernelName in slopes ? Object.values(inputs) : [];
      if (input === undefined || this.#tf === undefined || this.kept.has(input.id)) continue;
      // The copy is an operation on the tape like any other, and shares its values.
      this.kept.set(input.id, this.#tf.keep(input.clone()));
    }
    const length = super.push(...nodes);
    if (this.#checked) for (const node of nodes) this.#keepLinear(node);
    return length;
  }

  /** Frees the kept tensors. */
  dispose(): void {
    for (const { saved = [] } of this) {
      for (const tensor of saved) tensor.dispose();
    }
    for (const tensor of this.kept.values()) tensor.dispose();
    for (const { x, y } of this.linear) for (const tensor of [x, y]) tensor.dispose();
    this.linear.length = 0;
    this.length = 0;
    this.kept.clear();
  }

  /** Keeps copies of the input and the output of an operation that is to be checked. */
  #keepLinear(node: TapeNode): void {
    const x = node.inputs[linearIn[node.kernelName] ?? ''];
    const [y] = node.outputs;
    if (this.#tf === undefined || x === undefined || y === undefined) return;
    this.linear.push({ node, x: this.#tf.keep(x.clone()), y: this.#tf.keep(y.clone()) });
  }
}
