export { tumbling, type TumblingOptions } from './tumbling.ts';
export { windowStart } from './window-start.ts';
