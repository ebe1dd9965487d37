import { availableParallelism, cpus, totalmem } from 'node:os';
import { probeEngines, type EngineStatus } from '@edjm/backend-onnx';
import { probeTfjsEngines, type TfjsEngineStatus } from '@edjm/backend-tfjs';
import type { Shell } from '../commandLine/shell.ts';
import { colorsOf } from '../output/colors.ts';
import { version } from '../version.ts';

type Colors = ReturnType<typeof colorsOf>;

/** The default engine. The command is useless without it. */
const DEFAULT_ENGINE: EngineStatus['name'] = 'onnxruntime-node';

/** Engines of TensorFlow.js that do not exist in Node. */
const inBrowsers: ReadonlySet<TfjsEngineStatus['name']> = new Set(['webgpu', 'webgl']);

/** `edjm doctor`: reports which engines load here, and for each other one the reason and a remedy. Returns an exit code. */
export async function doctorCommand(
  { json = false }: { readonly json?: boolean },
  { stdout }: Shell,
): Promise<number> {
  const engines = await probeEngines();
  const tfjs = (await probeTfjsEngines()).filter(({ name }) => !inBrowsers.has(name));
  const machine = {
    edjm: version(),
    node: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
    cores: availableParallelism(),
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    memory: totalmem(),
  };
  const code = engines.some(isBroken) ? 1 : 0;
  if (json) {
    stdout.write(`${JSON.stringify({ machine, engines: { onnx: engines, tfjs } })}\n`);
    return code;
  }
  const color = colorsOf(stdout);
  const lines = [
    `edjm ${machine.edjm} on Node ${machine.node}, ${machine.platform}, ${String(machine.cores)} cores (${machine.processor}), ${(machine.memory / 2 ** 30).toFixed(0)} GiB`,
    ...engines.flatMap((engine) => engineLines(engine, color)),
    ...tfjs.map((engine) => tfjsLine(engine, color)),
    `${color.green('works')}  cpu: TypeScript in float64 (--engine cpu)`,
  ];
  stdout.write(`${lines.join('\n')}\n`);
  return code;
}

/** A missing engine is no fault, unless it is the default one. */
function isBroken({ name, installed, problem }: EngineStatus): boolean {
  return problem !== undefined && (installed || name === DEFAULT_ENGINE);
}

function engineLines(engine: EngineStatus, color: Colors): readonly string[] {
  const { name, version: engineVersion = '', providers = [], unavailable = [], problem } = engine;
  if (problem !== undefined) {
    return [
      isBroken(engine)
        ? `${color.red('fails')}  onnx: ${problem}`
        : `${color.yellow('absent')} onnx: ${problem}`,
    ];
  }
  return [
    `${color.green('works')}  onnx: ${name} ${engineVersion} (--engine ${providers.map((provider) => `onnx:${provider}`).join(', ')})`,
    ...unavailable.map((provider) => `       not here: onnx:${provider.name}: ${provider.problem}`),
  ];
}

/** TensorFlow.js is needed for its own models alone, so that it is no fault if parts of it are missing. */
function tfjsLine(
  { name, installed, version: engineVersion = '', problem }: TfjsEngineStatus,
  color: Colors,
): string {
  if (problem === undefined) {
    return `${color.green('works')}  tfjs: ${engineVersion} (--engine tfjs:${name})`;
  }
  return installed
    ? `${color.red('fails')}  tfjs:${name}: ${problem}`
    : `${color.yellow('absent')} tfjs:${name}: ${problem}`;
}
