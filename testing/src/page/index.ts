/** Code that runs in a page, or anywhere. */
export { memoryDataset, type MemoryDataset, type Samples } from './memoryDataset.ts';
export { type Kit, runTests, type TestRunner } from './runTests.ts';
