export { OperatorMetrics, type OperatorCounts } from './operator-metrics.ts';
