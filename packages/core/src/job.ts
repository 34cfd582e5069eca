import { Dataflow, type Runner, type RunOptions } from './api/index.ts';
import { MillraceError, optionError } from './errors/index.ts';
import type { Graph } from './graph/index.ts';
import { checkErrorPolicy, type JobHandle } from './model/index.ts';
import { explain, plan } from './plan/index.ts';
import {
  consoleLogger,
  isDevelopment,
  systemClock,
  systemRandom,
  systemScheduler,
  webFunctionCompiler,
} from './platform/web/index.ts';
import { Job, type Environment } from './runtime/index.ts';
import { HeapBackend } from './state/index.ts';

/** The composition root: the one place where the API meets the planner, the runtime and the platform. */
const runner: Runner = {
  run(graph: Graph, options: RunOptions): Promise<JobHandle> {
    if (options.checkpoints !== undefined) {
      throw new MillraceError('OPTION_UNSUPPORTED', {
        message:
          'flow.run({ checkpoints }): checkpoints are not built yet. Leave the option out; the job then starts from its beginning.',
        fields: { option: 'checkpoints' },
      });
    }
    return Job.start(plan(graph), environmentOf(options));
  },
  explain: (graph: Graph) => explain(plan(graph)),
};

/** What a job takes from outside: the options of `run`, else the system. */
export function environmentOf(options: RunOptions): Environment {
  checkErrorPolicy('onError of flow.run()', options.onError);
  if (options.fusion !== undefined && options.fusion !== 'auto' && options.fusion !== 'off') {
    throw optionError('fusion of flow.run()', options.fusion, "'auto' or 'off'");
  }
  return {
    clock: options.clock ?? systemClock,
    scheduler: options.scheduler ?? systemScheduler,
    random: options.random ?? systemRandom(),
    logger: options.logger ?? consoleLogger,
    onError: options.onError ?? 'fail',
    development: options.development ?? isDevelopment(),
    compile: options.fusion === 'off' ? undefined : webFunctionCompiler,
    createState: (operatorId) => new HeapBackend(operatorId),
  };
}

/**
 * A new program.
 *
 * @param name names the job in messages and, later, its checkpoints
 * @throws {MillraceError} `OPTION_INVALID` for an empty name
 * @example
 * const flow = dataflow('revenue');
 */
export function dataflow(name: string): Dataflow {
  return new Dataflow(name, runner);
}
