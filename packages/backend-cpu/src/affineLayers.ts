import type { Layer } from '@edjm/network';

/** Whether a layer is an affine map of a sample. */
function isAffine(layer: Layer): boolean {
  switch (layer.type) {
    case 'dense':
    case 'conv2d':
    case 'averagePool2d':
    case 'globalAveragePool2d':
    case 'batchNorm':
    case 'scale':
    case 'flatten':
      return true;
    case 'residual':
      return [...layer.body, ...layer.shortcut].every(isAffine);
    default:
      return false;
  }
}

/** How many layers from the first one on are affine, one after the other. */
export function affineLayers(layers: readonly Layer[]): number {
  const first = layers.findIndex((layer) => !isAffine(layer));
  return first === -1 ? layers.length : first;
}
