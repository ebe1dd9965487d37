export { graphParameters, withParameters } from './model/parameters.ts';
export { readModel } from './model/readModel.ts';
export { writeModel } from './model/writeModel.ts';
export { readTensorFile, type ExternalData, type ReadOptions } from './model/tensorProto.ts';
export type { Attribute, Graph, Node, Subgraph, SubgraphValue, ValueInfo } from './model/graph.ts';
export {
  float32Tensor,
  tensorOf,
  valuesOf,
  type ElementType,
  type Tensor,
  type TensorType,
} from './model/tensor.ts';
export { GraphBuilder, type OperatorTable } from './graph/graphBuilder.ts';
export { TensorBuilder } from './graph/tensorBuilder.ts';
export { NodeWriter, type Reduction, type ReductionOptions } from './graph/writer/nodeWriter.ts';
export type { NewNode, OfOne, OfTwo } from './graph/writer/elementwiseWriter.ts';
export type { SliceRange } from './graph/writer/arrangingWriter.ts';
export type {
  ConvAttributes,
  ConvTransposeAttributes,
  CumSumAttributes,
  GemmAttributes,
  HardSigmoidAttributes,
  PoolAttributes,
  ResizeAttributes,
  ScatterAttributes,
} from './graph/writer/attributes.ts';
export type { Composite, InferContext, Operator, RewriteContext, VjpContext } from './graph/operator.ts';
export { coveredOperators, straightThroughOperators } from './operators/index.ts';
export type { GraphStep } from './graph/explain.ts';
export type { NetworkGraphOptions } from './network/networkGraphOptions.ts';
export type { FixedValue, SampleInput } from './network/sampleInputs.ts';
export { differentiate, type Differentiation } from './differentiate/differentiate.ts';
export type { BatchGraph } from './network/batchGraph.ts';
export { tensorNames } from './network/tensorNames.ts';
export { gramBlocks } from './network/gram.ts';
export type { AffineInputs } from './graph/affine.ts';
export { TrainingGraph, type StepRule, type TrainingGraphOptions } from './training/trainingGraph.ts';
export type { NamedLoss } from './training/loss.ts';
export type { MomentumRule } from './training/momentumUpdate.ts';
export { nextOf, trainingNames } from './training/trainingNames.ts';
export { inspectGraph } from './network/inspectGraph.ts';
export { NetworkGraph, type NarrowedGraph } from './network/networkGraph.ts';
