import type { Conv2dLayer, DenseLayer, Layer, Network, ScaleLayer } from '@edjm/network';

/** Parameters of an SVD layer W = U diag(s) V by name, as `networkParameters` of `@edjm/network` gives them. */
export interface SvdLayer {
  /** V: `[r, inputs]`, or r kernels `[r, C, kH, kW]`. */
  readonly v: string;
  /** s: `[r]`. */
  readonly s: string;
  /** U: `[outputs, r]`, or `[O, r, 1, 1]`. */
  readonly u: string;
}

/** An SVD layer as the three layers that it is made of. */
export interface SvdGroup {
  readonly kind: 'svd';
  readonly names: SvdLayer;
  readonly v: DenseLayer | Conv2dLayer;
  readonly s: ScaleLayer;
  readonly u: DenseLayer | Conv2dLayer;
}

/** Any other layer, residual ones apart: the groups in these are groups of their own. */
export interface SingleLayer {
  readonly kind: 'single';
  /** Its place: `2`, `3.body.0`. */
  readonly name: string;
  readonly layer: Layer;
}

/** The SVD layers and the other layers of a network, in order. */
export function svdGroups({ layers }: Pick<Network, 'layers'>): readonly (SvdGroup | SingleLayer)[] {
  const groups: (SvdGroup | SingleLayer)[] = [];
  rewriteGroups(layers, (group) => {
    groups.push(group);
    return [];
  });
  return groups;
}

/** The layers with others in the place of each group, also within residual layers. */
export function rewriteGroups(
  layers: readonly Layer[],
  rewrite: (group: SvdGroup | SingleLayer) => readonly Layer[],
  prefix: string = '',
): readonly Layer[] {
  const rewritten: Layer[] = [];
  for (let index = 0; index < layers.length; index++) {
    const layer = layers[index] as Layer;
    const name = `${prefix}${String(index)}`;
    const group = svdGroupAt(layers, index, prefix);
    if (group !== undefined) {
      rewritten.push(...rewrite(group));
      index += 2;
    } else if (layer.type === 'residual') {
      const body = rewriteGroups(layer.body, rewrite, `${name}.body.`);
      const shortcut = rewriteGroups(layer.shortcut, rewrite, `${name}.shortcut.`);
      rewritten.push({ ...layer, body, shortcut });
    } else {
      rewritten.push(...rewrite({ kind: 'single', name, layer }));
    }
  }
  return rewritten;
}

function svdGroupAt(layers: readonly Layer[], index: number, prefix: string): SvdGroup | undefined {
  const [v, s, u] = layers.slice(index, index + 3);
  if (v === undefined || s?.type !== 'scale' || u === undefined) return undefined;
  if (!isFirstFactor(v) || !isLastFactor(u) || v.type !== u.type) return undefined;
  const rank = s.scale.length;
  const [rows = 0] = v.weight.shape;
  const [outputs = 0, columns = 0] = u.weight.shape;
  const inputs = v.weight.data.length / rows;
  if (rows !== rank || columns !== rank || rank > Math.min(inputs, outputs)) return undefined;
  const place = (at: number, parameter: string): string => `${prefix}${String(index + at)}.${parameter}`;
  return {
    kind: 'svd',
    names: { v: place(0, 'weight'), s: place(1, 'scale'), u: place(2, 'weight') },
    v,
    s,
    u,
  };
}

function isFirstFactor(layer: Layer): layer is DenseLayer | Conv2dLayer {
  if (layer.type === 'conv2d') return layer.groups === 1 && layer.bias === undefined;
  return layer.type === 'dense' && layer.bias === undefined;
}

function isLastFactor(layer: Layer): layer is DenseLayer | Conv2dLayer {
  if (layer.type !== 'conv2d') return layer.type === 'dense';
  const [, , height, width] = layer.weight.shape;
  const isPointwise = height === 1 && width === 1 && layer.groups === 1;
  return isPointwise && layer.stride.every((step) => step === 1) && layer.padding.every((size) => size === 0);
}
