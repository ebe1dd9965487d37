import { testGraphs } from './randomGraphs/testGraphs.ts';

// The first of the graphs of the extended tests.
testGraphs({ each: 1, any: 20, twice: 5 });
