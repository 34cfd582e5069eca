export { webFunctionCompiler } from './compile-function.ts';
export { consoleLogger, systemClock, systemRandom, systemScheduler } from './system.ts';
