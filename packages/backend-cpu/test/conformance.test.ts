import { testBackend } from '@edjm/conformance';
import { describe, it } from 'vitest';
import { cpuBackend } from '../src/index.ts';

const backend = cpuBackend();

testBackend({ name: backend.name, load: (...source) => backend.load(...source) }, { describe, it });
