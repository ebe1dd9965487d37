import type * as TensorFlow from '@tensorflow/tfjs';

/** TensorFlow.js as it is imported: the whole of `@tensorflow/tfjs`, or a package that contains it, such as `@tensorflow/tfjs-node`. */
export type Tf = Omit<typeof TensorFlow, 'default'>;
