export { OperatorMetrics } from './operator-metrics.ts';
