import type { NetworkGraph } from '@edjm/onnx-autodiff';
import type { SessionPool } from './sessionPool.ts';

export async function withFreeBatch(graph: NetworkGraph, _pool: SessionPool): Promise<NetworkGraph> {
  return graph;
}
