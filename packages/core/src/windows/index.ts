export type { AlignedOptions } from './aligned.ts';
export { customWindow, type CustomWindowOptions } from './custom.ts';
export { globalWindow, type GlobalOptions } from './global.ts';
export { session, sessionProcessingTime, type SessionGap } from './session.ts';
export { sliding, slidingProcessingTime } from './sliding.ts';
export { cover, maxTimestamp, touches } from './time-window.ts';
export { tumbling, tumblingProcessingTime } from './tumbling.ts';
export { windowStart } from './window-start.ts';
