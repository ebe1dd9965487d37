import type * as TensorFlow from '@tensorflow/tfjs';
import type { Tf } from '../../engines/tf.ts';
import type { Shape } from '../topology/layerFields.ts';
import { registerActivations } from './activations.ts';
import { kinds } from './kinds.ts';
import { OWN_CLASS, type OwnConfig } from './ownLayer.ts';

type Shapes = TensorFlow.Shape | TensorFlow.Shape[];
type Args = ConstructorParameters<Tf['layers']['Layer']>[0] & OwnConfig;

const registered = new WeakSet<Tf>();

/** Makes the layers and activations of Keras that TensorFlow.js lacks known to an instance of it. */
export function registerKerasLayers(tf: Tf): void {
  if (registered.has(tf)) return;
  registered.add(tf);
  tf.serialization.registerClass(kerasLayerClass(tf));
  registerActivations(tf);
}

/** One class for all of them: the config names the kind. */
function kerasLayerClass(tf: Tf): TensorFlow.serialization.SerializableConstructor<TensorFlow.layers.Layer> {
  return class extends tf.layers.Layer {
    static readonly className = OWN_CLASS;
    // A Bidirectional layer asks for these.
    readonly returnSequences: boolean;
    readonly returnState = false;
    readonly #config: OwnConfig;
    readonly #weights = new Map<string, TensorFlow.LayerVariable>();

    constructor(args: Args) {
      super(args);
      const { kind, options, arrays, goBackwards, returnSequences } = args;
      this.#config = { kind, options, arrays, goBackwards, returnSequences };
      this.returnSequences = returnSequences === true;
    }

    override build(shapes: Shapes): void {
      const [input = []] = list(shapes);
      const axis = this.#config.options['axis'];
      const channels = input.at(typeof axis === 'number' ? axis : -1) ?? null;
      for (const { name, shape, isTrained } of this.#config.arrays) {
        const known = shape.map((size) => size ?? channels);
        this.#weights.set(
          name,
          this.addWeight(name, known, 'float32', tf.initializers.zeros(), undefined, isTrained),
        );
      }
      this.built = true;
    }

    override computeOutputShape(shapes: Shapes): TensorFlow.Shape {
      const inputs = list(shapes);
      const found = kinds[this.#config.kind]?.shape?.(inputs, this.#config) ?? inputs[0] ?? [];
      return [...found];
    }

    override call(inputs: TensorFlow.Tensor | TensorFlow.Tensor[]): TensorFlow.Tensor {
      const own = kinds[this.#config.kind];
      if (own === undefined) throw new Error(`${this.name}: not implemented: ${this.#config.kind}`);
      return tf.tidy(() =>
        own.call(tf, {
          inputs: Array.isArray(inputs) ? inputs : [inputs],
          weights: Object.fromEntries([...this.#weights].map(([name, variable]) => [name, variable.read()])),
          config: this.#config,
        }),
      );
    }

    override getConfig(): TensorFlow.serialization.ConfigDict {
      return Object.assign(super.getConfig(), this.#config);
    }
  };
}

function list(shapes: Shapes): readonly Shape[] {
  return Array.isArray(shapes[0]) ? (shapes as TensorFlow.Shape[]) : [shapes as TensorFlow.Shape];
}
