import { testKilled } from './killing.ts';

testKilled({ momentum: [5, 20] });
