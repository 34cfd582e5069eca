import { Dataflow, type Runner, type RunOptions } from './api/index.ts';
import { messageOf, optionError } from './errors/index.ts';
import type { Graph } from './graph/index.ts';
import { checkErrorPolicy, guardSettings, type JobHandle } from './model/index.ts';
import { explain, plan } from './plan/index.ts';
import {
  consoleLogger,
  defaultMaxStateBytes,
  isDevelopment,
  newId,
  systemClock,
  systemRandom,
  systemScheduler,
  webFunctionCompiler,
} from './platform/web/index.ts';
import { alarmSettings, checkpointSettings, Guards, Job, type JobEnvironment } from './runtime/index.ts';
import { HeapBackend } from './state/index.ts';

/** The composition root: the one place where the API meets the planner, the runtime and the platform. */
const runner: Runner = {
  run(graph: Graph, options: RunOptions): Promise<JobHandle> {
    return Job.start(plan(graph), environmentOf(options));
  },
  explain: (graph: Graph) => explain(plan(graph)),
};

/** What a job takes from outside: the options of `run`, else the system. */
export function environmentOf(options: RunOptions): JobEnvironment {
  checkErrorPolicy('onError of flow.run()', options.onError);
  if (options.fusion !== undefined && options.fusion !== 'auto' && options.fusion !== 'off') {
    throw optionError('fusion of flow.run()', options.fusion, "'auto' or 'off'");
  }
  const { onEvent, maxStateBytes = defaultMaxStateBytes() } = options;
  if (typeof maxStateBytes !== 'number' || !(maxStateBytes > 0))
    throw optionError('maxStateBytes of flow.run()', maxStateBytes, 'a number of bytes above 0');
  if (onEvent !== undefined && typeof onEvent !== 'function')
    throw optionError('onEvent of flow.run()', onEvent, 'a function');
  const logger = options.logger ?? consoleLogger;
  return {
    clock: options.clock ?? systemClock,
    scheduler: options.scheduler ?? systemScheduler,
    random: options.random ?? systemRandom(),
    logger,
    onError: options.onError ?? 'fail',
    development: options.development ?? isDevelopment(),
    compile: options.fusion === 'off' ? undefined : webFunctionCompiler,
    createState: (operatorId, tracking) => new HeapBackend(operatorId, { tracking }),
    checkpoints: checkpointSettings(options),
    onEvent: (event) => {
      try {
        onEvent?.(event);
      } catch (error) {
        logger.error(`onEvent failed on an event of type ${event.type}: ${messageOf(error)}`);
      }
    },
    alarms: alarmSettings(options.alarms),
    maxStateBytes,
    guards: new Guards(guardSettings(options.guards), logger),
    ...(options.resources === undefined ? {} : { resources: options.resources }),
    newId,
  };
}

/**
 * A new program.
 *
 * @param name names the job in messages and in its checkpoints
 * @throws {MillraceError} `OPTION_INVALID` for an empty name
 * @example
 * const flow = dataflow('revenue');
 */
export function dataflow(name: string): Dataflow {
  return new Dataflow(name, runner);
}
