export { readKerasFile } from './readKerasFile.ts';
export { toKeras2Artifacts, toKeras2Topology } from './topology/toKeras2.ts';
export { loadRefusal } from './refusal.ts';
export { registerKerasLayers } from './layers/kerasLayer.ts';
