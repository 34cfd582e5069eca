export { webFunctionCompiler } from './compile-function.ts';
export { consoleLogger, isDevelopment, systemClock, systemRandom, systemScheduler } from './system.ts';
