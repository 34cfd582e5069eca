export { webFunctionCompiler } from './compile-function.ts';
export {
  consoleLogger,
  defaultMaxStateBytes,
  newId,
  isDevelopment,
  systemClock,
  systemRandom,
  systemScheduler,
} from './system.ts';
