export { consoleSink, type ConsoleOptions } from './console-sink.ts';
export { generator, type GeneratorOptions } from './generator-source.ts';
export { memorySink, type MemorySink } from './memory-sink.ts';
export { memory, memoryPartitions, type MemoryOptions } from './memory-source.ts';
export { crash, end, pause, scripted, ScriptItem } from './script-source.ts';
