export type {
  AveragePool2dLayer,
  BatchNormLayer,
  Conv2dLayer,
  DenseLayer,
  GeluLayer,
  Layer,
  LayerType,
  MaxPool2dLayer,
  Padding,
  Pair,
  ParametricActivationLayer,
  ParametricActivationType,
  PlainLayer,
  PlainLayerType,
  PoolingWindow,
  ResidualLayer,
  ScaleLayer,
  Tensor,
} from './layers/layer.ts';
export type { Network } from './layers/network.ts';
export {
  averagePool2d,
  batchNorm,
  celu,
  conv2d,
  dense,
  elu,
  flatten,
  gelu,
  globalAveragePool2d,
  globalMaxPool2d,
  leakyRelu,
  logSoftmax,
  maxPool2d,
  type PoolingOptions,
  relu,
  residual,
  scale,
  selu,
  sigmoid,
  softmax,
  softplus,
  tanh,
} from './layers/build.ts';
export { describeNetwork } from './description/describeNetwork.ts';
export type { TensorMap } from './description/tensorMap.ts';
export type {
  AveragePool2dDescription,
  BatchNormDescription,
  Conv2dDescription,
  DenseDescription,
  GeluDescription,
  LayerDescription,
  MaxPool2dDescription,
  NetworkDescription,
  PaddingDescription,
  ParametricActivationDescription,
  PlainLayerDescription,
  PoolingDescription,
  ResidualDescription,
  ScaleDescription,
  WindowDescription,
} from './description/networkDescription.ts';
export { networkFromFiles, networkWeights } from './description/networkFiles.ts';
export {
  networkFromDescription,
  type NetworkFromDescriptionOptions,
} from './description/networkFromDescription.ts';
export {
  isDescription,
  type NamedDescription,
  openDescription,
  openNetwork,
  type OpenNetworkOptions,
  weightsBeside,
} from './description/openNetwork.ts';
export { parseDescription } from './description/parseDescription.ts';
export { permutedColumns } from './random/permutedColumns.ts';
export { redrawnNetwork } from './random/redrawnNetwork.ts';
export { derivedSeed } from './random/derivedSeed.ts';
export { dropoutMask, type DropoutMaskOptions } from './random/dropoutMask.ts';
export { inferShapes } from './layers/inferShapes.ts';
export {
  networkParameters,
  networkStatistics,
  networkTensors,
  withParameters,
} from './parameters/parameters.ts';
export { parameterCount } from './parameters/parameterCount.ts';
export { initialized, type InitializationOptions } from './random/initialized.ts';
export { glorotUniform, heNormal, type Initializer } from './random/initializers.ts';
export { multilayerPerceptron, type MultilayerPerceptronOptions } from './layers/multilayerPerceptron.ts';
export { orthogonal } from './random/orthogonal.ts';
export { seededRandom, type RandomStream } from './random/random.ts';
export {
  readSafetensors,
  type ReadSafetensorsOptions,
  type Safetensors,
  writeSafetensors,
} from './parameters/safetensors.ts';
export { valueCount, type Shape } from './layers/shape.ts';
export { type Logits, logitsOf, withoutSoftmax } from './layers/logitsOf.ts';
