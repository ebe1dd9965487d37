import type { DifferentiableNetwork, Report } from '@edjm/core';
import { problemText, type Ready } from '../engines/engine.ts';
import type { Model } from '../model/resolveModel.ts';
import { reportOn, type ReportRequest } from './reportOn.ts';
import type { Run } from './run.ts';

/** Loads a model, and reports preferred engines that could not be used. */
export async function loadModel(
  model: Model,
  { dataShape, options, shell }: Run,
): Promise<Pick<Ready<DifferentiableNetwork>, 'network' | 'engine'>> {
  const { network, engine, passedOver } = await model.load(dataShape);
  if (options.progress && passedOver.length > 0) {
    shell.stderr.write(
      `${model.name} runs in ${engine}. Passed over: ${passedOver.map(problemText).join('; ')}\n`,
    );
  }
  return { network, engine };
}

/** The analysis of a network that a run asks for. */
export async function requestFor(network: DifferentiableNetwork, run: Run): Promise<ReportRequest> {
  const { metrics, options } = run;
  return { data: await run.dataFor(network), metrics, options, jacobianOf: options.jacobianOf };
}

/** Analyzes one model file. */
export async function analyzeModel(model: Model, run: Run): Promise<Report> {
  const { network: loaded, engine } = await loadModel(model, run);
  await using network = loaded;
  return await reportOn(network, await requestFor(network, run), {
    name: model.name,
    hashes: () => model.hashes(),
    engine,
    shell: run.shell,
  });
}
