export { consoleLogger, systemClock, systemRandom, systemScheduler } from './system.ts';
