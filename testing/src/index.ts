export { bundle, type Bundle, type BundleOptions } from './browser/bundle.ts';
export { type Browser, chromiumPath, launchChromium } from './browser/chromium.ts';
export { type OpenPage, openPage, type PageFunction, type Remote } from './browser/openPage.ts';
export { reportTests } from './browser/reportTests.ts';
export { serve, type Server } from './browser/serve.ts';
export { dataFolder, inData, readData } from './data/dataFolder.ts';
export {
  type Golden,
  type GoldenAnalysis,
  goldenFiles,
  type GoldenFile,
  goldenKinds,
  readGolden,
  wrongGoldenAnalysis,
  wrongScore,
} from './data/golden.ts';
export {
  type PublishedNetwork,
  type PublishedSample,
  inputsOf,
  readPublishedNetwork,
} from './data/publishedNetwork.ts';
export { partOf } from './partOf.ts';
export { type Wrong, wrongOutputs, wrongSingularValues, type WrongOptions } from './comparisons.ts';
export { jacobiansOf, matrixOf, rowOf } from './matrices.ts';
export { type ModelKind, testHostileFiles } from './files/hostileFiles.ts';
