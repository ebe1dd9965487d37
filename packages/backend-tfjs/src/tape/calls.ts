import type { NamedTensorMap, Tensor } from '@tensorflow/tfjs';
import type { Tf } from '../engines/tf.ts';

type Attributes = Parameters<ReturnType<Tf['engine']>['runKernel']>[2];

/** A call of a kernel that can be repeated: copies of its inputs, with the numbers of the tensors themselves. */
export interface KernelCall {
  readonly kernelName: string;
  readonly inputs: NamedTensorMap;
  readonly inputIds: Readonly<Record<string, number>>;
  readonly outputIds: readonly number[];
  readonly attributes: Attributes;
}

/** Calls with larger outputs are not kept: a check by differences costs several runs of each. */
const LARGEST_OUTPUT = 2 ** 16;

/** Does work, and keeps the calls of kernels in it, the smallest one of each kernel with the same attributes. Dispose of the inputs. */
export function withCalls<T>(tf: Tf, calls: Map<string, KernelCall>, work: () => T): T {
  const engine = tf.engine();
  const run = engine.runKernel.bind(engine);
  const sizes = new Map<string, number>();
  let copying = false;
  const keeping = (...[kernelName, inputs, attributes]: Parameters<typeof run>): Tensor | Tensor[] => {
    const result = run<Tensor | Tensor[]>(kernelName, inputs, attributes);
    if (copying) return result;
    const outputs: Tensor[] = Array.isArray(result) ? result : [result];
    const size = outputs.reduce((sum, output) => sum + output.size, 0);
    const given = Object.entries<Tensor | undefined>(inputs).filter(
      (entry): entry is [string, Tensor] => entry[1] !== undefined && 'dataId' in entry[1],
    );
    const key = JSON.stringify([kernelName, attributes, given.map(([name, { rank }]) => [name, rank])]);
    const known = calls.get(key);
    if (size > LARGEST_OUTPUT || size >= (sizes.get(key) ?? Infinity)) return result;
    copying = true;
    try {
      const copies = given.map(([name, tensor]) => [name, tf.keep(tensor.clone())] as const);
      if (known !== undefined) tf.dispose(known.inputs);
      sizes.set(key, size);
      calls.set(key, {
        kernelName,
        // Kernels of many tensors, such as Concat, take a list.
        inputs: Array.isArray(inputs)
          ? Object.assign([], Object.fromEntries(copies))
          : Object.fromEntries(copies),
        inputIds: Object.fromEntries(given.map(([name, { id }]) => [name, id])),
        outputIds: outputs.map(({ id }) => id),
        attributes,
      });
    } finally {
      copying = false;
    }
    return result;
  };
  engine.runKernel = new Proxy(run, { apply: (_, __, call: Parameters<typeof run>) => keeping(...call) });
  try {
    return work();
  } finally {
    Reflect.deleteProperty(engine, 'runKernel');
  }
}
