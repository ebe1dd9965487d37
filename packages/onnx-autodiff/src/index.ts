export { readModel } from './readModel.ts';
export { writeModel } from './writeModel.ts';
export { readTensorFile, type ExternalData, type ReadOptions } from './tensorProto.ts';
export type { Attribute, Graph, Node, Subgraph, SubgraphValue, ValueInfo } from './graph.ts';
export {
  float32Tensor,
  tensorOf,
  valuesOf,
  type ElementType,
  type Tensor,
  type TensorType,
} from './tensor.ts';
export { GraphBuilder, type EmitOptions, type OperatorTable } from './graphBuilder.ts';
export type { Composite, InferContext, Operator, RewriteContext, VjpContext } from './operator.ts';
export { coveredOperators, straightThroughOperators } from './operators/index.ts';
export type { GraphStep } from './explain.ts';
export type { FixedValue, SampleInput } from './sampleInputs.ts';
export { differentiate, type Differentiation } from './differentiate.ts';
export { gramBlocks } from './gram.ts';
export { affineOperators } from './operators/affine.ts';
export { TrainingGraph, type StepRule, type TrainingGraphOptions } from './training/trainingGraph.ts';
export type { NamedLoss } from './training/loss.ts';
export type { MomentumRule } from './training/momentumUpdate.ts';
export { nextOf, trainingNames } from './training/trainingNames.ts';
export {
  NetworkGraph,
  tensorNames,
  type BatchGraph,
  type NarrowedGraph,
  type NetworkGraphOptions,
} from './networkGraph.ts';
