export { cpuBackend } from './cpuBackend.ts';
