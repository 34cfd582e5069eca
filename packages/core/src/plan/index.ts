export { explain } from './explain.ts';
export type { Plan, PlannedOperator, PlannedSegment } from './plan.ts';
export { plan } from './planner.ts';
