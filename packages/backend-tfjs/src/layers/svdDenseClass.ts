import { EdjmError } from '@edjm/core';
import { type Float64Matrix, transposed } from '@edjm/linalg';
import { type RandomStream, seededRandom } from '@edjm/network';
import type * as TensorFlow from '@tensorflow/tfjs';
import type { Tf } from '../engines/tf.ts';
import { singularValueRegularizer } from './singularValueRegularizer.ts';
import type { SingularValueRegularizer, SvdDense, SvdDenseArgs, SvdDenseConstructor } from './svdDense.ts';
import {
  checkedRank,
  type FactorOptions,
  factorsOfKernel,
  kernelOfFactors,
  randomFactors,
  type SvdFactors,
} from './svdFactors.ts';

/** Up to k² m = 2²⁸, about a second, the kernel that is drawn is decomposed; k is the smaller of its sizes, m the larger. */
const EXACT_LIMIT = 2 ** 28;

/** The initial values of a layer, in place of those that its initializers draw. */
export interface Start {
  readonly factors: SvdFactors;
  readonly bias: ArrayLike<number> | undefined;
}

/** The variables of a layer that is built. */
interface Variables {
  readonly U: TensorFlow.LayerVariable;
  readonly s: TensorFlow.LayerVariable;
  readonly V: TensorFlow.LayerVariable;
  readonly bias: TensorFlow.LayerVariable | undefined;
}

/**
 * Makes the class for an instance of TensorFlow.js.
 *
 * @param starts - Layers that start with given weights.
 */
export function svdDenseClass(tf: Tf, starts: WeakMap<SvdDense, Start>): SvdDenseConstructor {
  return class extends tf.layers.Layer implements SvdDense {
    static readonly className = 'SvdDense';

    readonly #units: number;
    readonly #wantedRank: number | undefined;
    readonly #useBias: boolean;
    readonly #seed: number | undefined;
    readonly #random: RandomStream;
    readonly #regularizer: SingularValueRegularizer | undefined;
    /** Knows activations and initializers by name, draws, and writes both into configurations. */
    readonly #dense: TensorFlow.layers.Layer;
    readonly #activation: TensorFlow.layers.Layer | undefined;
    #weightsFollow = false;
    #variables: Variables | undefined;

    constructor(args: SvdDenseArgs) {
      super(args);
      this.supportsMasking = true;
      this.inputSpec = [new tf.InputSpec({ minNDim: 2 })];
      const { units, activation, biasInitializer } = args;
      this.#units = units;
      // A saved model may hold null for options that were not given.
      this.#wantedRank = args.rank ?? undefined;
      this.#useBias = args.useBias ?? true;
      this.#seed = args.seed ?? undefined;
      this.#random = seededRandom(this.#seed ?? Math.floor(Math.random() * 2 ** 32) - 2 ** 31);
      this.#regularizer = singularValueRegularizer(tf, args.singularValueRegularizer);
      const seeded = this.#seed === undefined ? {} : { seed: this.#seed };
      // Named, since names that are made up are counted, and the names of others would change.
      this.#dense = tf.layers.dense({
        name: `${this.name}_start`,
        units,
        useBias: this.#useBias,
        kernelInitializer: args.kernelInitializer ?? tf.initializers.glorotUniform(seeded),
        ...(biasInitializer && { biasInitializer }),
        ...(activation && { activation }),
      });
      if (activation && activation !== 'linear') {
        this.#activation = tf.layers.activation({ name: `${this.name}_activation`, activation });
      }
    }

    get rank(): number | undefined {
      return this.#variables?.s.shape[0] ?? undefined;
    }

    override setFastWeightInitDuringBuild(value: boolean): void {
      super.setFastWeightInitDuringBuild(value);
      this.#weightsFollow = value;
    }

    override build(inputShape: TensorFlow.Shape | TensorFlow.Shape[]): void {
      const dIn = oneShape(inputShape).at(-1);
      if (typeof dIn !== 'number') {
        throw this.#refusal('inputs whose last axis has a known size', String(dIn), 'Give inputShape');
      }
      const rank = checkedRank(this.#wantedRank, [dIn, this.#units], this.name);
      const add = (name: string, shape: number[], regularizer?: SingularValueRegularizer) =>
        this.addWeight(name, shape, 'float32', tf.initializers.zeros(), regularizer);
      this.#variables = {
        U: add('U', [dIn, rank]),
        s: add('s', [rank], this.#regularizer),
        V: add('V', [this.#units, rank]),
        bias: this.#useBias ? add('bias', [this.#units]) : undefined,
      };
      // Weights that are loaded from a file afterwards need no decomposition now.
      if (!this.#weightsFollow) this.#write(starts.get(this) ?? this.#draw(dIn, rank));
      starts.delete(this);
      this.inputSpec = [new tf.InputSpec({ minNDim: 2, axes: { [-1]: dIn } })];
      this.built = true;
    }

    override computeOutputShape(inputShape: TensorFlow.Shape | TensorFlow.Shape[]): TensorFlow.Shape {
      return [...oneShape(inputShape).slice(0, -1), this.#units];
    }

    override call(
      inputs: TensorFlow.Tensor | TensorFlow.Tensor[],
      kwargs: Parameters<TensorFlow.layers.Layer['call']>[1],
    ): TensorFlow.Tensor | TensorFlow.Tensor[] {
      return tf.tidy(() => {
        this.invokeCallHook(inputs, kwargs);
        const { U, s, V, bias } = this.#built();
        const [x] = Array.isArray(inputs) ? inputs : [inputs];
        if (x === undefined) throw this.#refusal('an input', 'none', 'Call the layer with one tensor');
        const samples = x.rank === 2 ? x : tf.reshape(x, [-1, x.shape.at(-1) ?? 0]);
        const terms = tf.mul(tf.matMul(samples, U.read()), s.read());
        const product = tf.matMul(terms, V.read(), false, true);
        const sum = bias ? tf.add(product, bias.read()) : product;
        const y = x.rank === 2 ? sum : tf.reshape(sum, [...x.shape.slice(0, -1), this.#units]);
        return this.#activation ? (this.#activation.apply(y) as TensorFlow.Tensor) : y;
      });
    }

    override getConfig(): TensorFlow.serialization.ConfigDict {
      const { activation, kernelInitializer, biasInitializer } = this.#dense.getConfig();
      return {
        ...super.getConfig(),
        units: this.#units,
        activation: activation ?? null,
        useBias: this.#useBias,
        kernelInitializer: kernelInitializer ?? null,
        biasInitializer: biasInitializer ?? null,
        ...(this.#wantedRank !== undefined && { rank: this.#wantedRank }),
        ...(this.#seed !== undefined && { seed: this.#seed }),
        ...(this.#regularizer && {
          singularValueRegularizer: {
            className: this.#regularizer.getClassName(),
            config: this.#regularizer.getConfig(),
          },
        }),
      };
    }

    async orthogonalize(): Promise<void> {
      const { U, s, V, bias } = this.#built();
      const [left, singularValues, right] = await Promise.all(
        [U, s, V].map(async (variable) => new Float64Array(await variable.read().data())),
      );
      const rank = s.shape[0];
      if (!left || !singularValues || !right || typeof rank !== 'number') return;
      const columns = { columns: rank };
      const kernel = kernelOfFactors({
        left: transposed({ ...columns, rows: left.length / rank, data: left }),
        singularValues,
        right: transposed({ ...columns, rows: right.length / rank, data: right }),
      });
      const factors = factorsOfKernel(kernel, { rank, random: this.#random });
      this.#write({ factors, bias: bias && (await bias.read().data()) });
    }

    mergedWeights(): TensorFlow.Tensor[] {
      const { U, s, V, bias } = this.#built();
      return tf.tidy(() => {
        const kernel = tf.matMul(tf.mul(U.read(), s.read()), V.read(), false, true);
        return bias ? [kernel, bias.read().clone()] : [kernel];
      });
    }

    /** Values from the initializers. */
    #draw(dIn: number, rank: number): Start {
      // Not the result of tidy, which would look for tensors in every one of the numbers.
      let drawn: readonly ArrayLike<number>[] = [];
      tf.tidy(() => {
        this.#dense.apply(tf.zeros([1, dIn]));
        drawn = this.#dense.getWeights().map((tensor) => tensor.dataSync());
      });
      const [kernel, bias] = drawn;
      this.#dense.dispose();
      const data = new Float64Array(kernel ?? []);
      const options = { rank, random: this.#random };
      return { factors: this.#factors({ rows: dIn, columns: this.#units, data }, options), bias };
    }

    #factors(kernel: Float64Matrix, options: FactorOptions): SvdFactors {
      const { rows: dIn, columns: units, data } = kernel;
      const cost = dIn * units * Math.min(dIn, units);
      const { kernelInitializer } = this.#dense.getConfig();
      if (cost <= EXACT_LIMIT || !isScaledNoise(kernelInitializer)) return factorsOfKernel(kernel, options);
      const variance = data.reduce((sum, entry) => sum + entry * entry, 0) / data.length;
      return randomFactors({ shape: [dIn, units], variance }, options);
    }

    #write({ factors, bias }: Start): void {
      const variables = this.#built();
      tf.tidy(() => {
        const { left, singularValues, right } = factors;
        variables.U.write(tf.tensor(new Float32Array(transposed(left).data), [left.columns, left.rows]));
        variables.s.write(tf.tensor(new Float32Array(singularValues)));
        variables.V.write(tf.tensor(new Float32Array(transposed(right).data), [right.columns, right.rows]));
        if (bias) variables.bias?.write(tf.tensor(new Float32Array(bias)));
      });
    }

    #built(): Variables {
      if (this.#variables) return this.#variables;
      throw this.#refusal('a layer that is built', 'one that is not', 'Apply it or add it to a model first');
    }

    #refusal(expected: string, got: string, advice: string): EdjmError {
      return new EdjmError('INVALID_ARGUMENT', `${this.name}: expected ${expected}, got ${got}. ${advice}.`);
    }
  };
}

/** Whether an initializer draws independent entries of mean 0: those of Glorot, He and LeCun, which are all of this class. */
function isScaledNoise(initializer: unknown): boolean {
  return (
    typeof initializer === 'object' &&
    initializer !== null &&
    'className' in initializer &&
    initializer.className === 'VarianceScaling'
  );
}

function oneShape(shapes: TensorFlow.Shape | TensorFlow.Shape[]): TensorFlow.Shape {
  const [first] = shapes;
  return Array.isArray(first) ? first : (shapes as TensorFlow.Shape);
}
