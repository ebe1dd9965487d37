import { availableParallelism, cpus, totalmem } from 'node:os';
import { probeEngine } from '@edjm/backend-onnx';
import pc from 'picocolors';
import { version } from '../version.ts';

/** `edjm doctor`: what loads here, and for what does not, why and what to do. */
export async function doctorCommand({ json = false }: { readonly json?: boolean }): Promise<void> {
  const engines = [await probeEngine()];
  const machine = {
    edjm: version(),
    node: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
    cores: availableParallelism(),
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    memory: totalmem(),
  };
  if (engines.some(({ problem }) => problem !== undefined)) process.exitCode = 1;
  if (json) {
    process.stdout.write(`${JSON.stringify({ machine, backends: { onnx: engines } })}\n`);
    return;
  }
  const color = pc.createColors(pc.isColorSupported && process.stdout.isTTY);
  const lines = [
    `edjm ${machine.edjm} on Node ${machine.node}, ${machine.platform}, ${String(machine.cores)} cores (${machine.processor}), ${(machine.memory / 2 ** 30).toFixed(0)} GiB`,
    ...engines.map(({ name, version: engineVersion = '', providers = [], problem }) =>
      problem === undefined
        ? `${color.green('works')}  onnx: ${name} ${engineVersion} (${providers.join(', ')})`
        : `${color.red('fails')}  onnx: ${problem}`,
    ),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}
