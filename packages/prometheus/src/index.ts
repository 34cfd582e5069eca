export { jsonLogger, logEvents, type JsonLoggerOptions } from './json-logger.ts';
export { prometheus, type PrometheusOptions, type PrometheusServer } from './prometheus.ts';
