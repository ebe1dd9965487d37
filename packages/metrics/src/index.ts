export { builtinMetrics } from './builtinMetrics.ts';
export { edjmScore, type EdjmScoreOptions } from './edjmScore.ts';
export { effectiveRank } from './effectiveRank.ts';
export { frobeniusNorm } from './frobeniusNorm.ts';
export { nuclearNorm } from './nuclearNorm.ts';
export { participationRatio } from './participationRatio.ts';
export { percentile, type PercentileRule } from './percentile.ts';
export { spectralNorm } from './spectralNorm.ts';
export { stableRank } from './stableRank.ts';
