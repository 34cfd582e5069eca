export { findAntiPatterns } from './guards/find-anti-patterns.ts';
export { explain } from './explain.ts';
export type { Plan, PlannedOperator, PlannedSegment } from './plan.ts';
export { plan, type PlanOptions } from './planner.ts';
export type { WindowPath } from './window-path.ts';
export { fingerprint } from './fingerprint.ts';
