/*
 * Independent model, part 1: into which windows a record falls. Written from semantics.md alone (R1 to R6); shares no code
 * with the engine, and is as plain as it can be: windows are found by trying all candidates.
 */
import type { Config, VectorRecord } from '../vectors-adapter/case.ts';

/** `[start, end)`; the global window is `[-Infinity, Infinity)`. */
export type ModelWindow = readonly [start: number, end: number];

export class Rejected extends Error {}
export class Failed extends Error {}

export function isEventTime({ assigner }: Config): boolean {
  return ['tumbling', 'sliding', 'session', 'dynamicSession'].includes(assigner ?? '');
}

export function isProcessingTime({ assigner }: Config): boolean {
  return assigner?.endsWith('ProcessingTime') === true;
}

export function isMerging({ assigner }: Config): boolean {
  return ['session', 'dynamicSession', 'sessionProcessingTime'].includes(assigner ?? '');
}

/** Refuses configurations that cannot be. */
export function checkAssigner({ assigner, sizeMs = 1, slideMs, offsetMs = 0, gapMs = 1 }: Config): void {
  if (sizeMs <= 0 || (slideMs !== undefined && slideMs <= 0) || gapMs <= 0) throw new Rejected('not above 0');
  const period = assigner?.startsWith('sliding') === true ? (slideMs ?? 1) : sizeMs;
  if (!isMerging({ assigner: assigner ?? '' }) && Math.abs(offsetMs) >= period) throw new Rejected('offset');
}

/** All windows of a record, newest first. */
export function windowsFor(config: Config, record: VectorRecord, time: number, now: number): ModelWindow[] {
  if (config.countWindow !== undefined || config.assigner?.startsWith('global') === true)
    return [[-Infinity, Infinity]];
  const at = isProcessingTime(config) ? now : time;
  if (!Number.isFinite(at)) throw new Failed('no timestamp');
  const { sizeMs = 0, offsetMs = 0 } = config;
  switch (config.assigner) {
    case 'tumbling':
    case 'tumblingProcessingTime':
      return aligned(at, sizeMs, sizeMs, offsetMs);
    case 'sliding':
    case 'slidingProcessingTime':
      return aligned(at, sizeMs, config.slideMs ?? 0, offsetMs);
    case 'session':
    case 'sessionProcessingTime':
      return [[at, at + (config.gapMs ?? 0)]];
    case 'dynamicSession':
      if (!((record.gap ?? 0) > 0)) throw new Failed('gap');
      return [[at, at + (record.gap ?? 0)]];
    default:
      throw new Error(`the model knows no assigner ${config.assigner}`);
  }
}

/** Windows start at offset + k * slide, for every whole k; a record is in those with start <= time < start + size. */
function aligned(time: number, size: number, slide: number, offset: number): ModelWindow[] {
  const windows: ModelWindow[] = [];
  const newest = Math.floor((time - offset) / slide);
  for (let k = newest + 1; offset + k * slide + size > time; k--) {
    const start = offset + k * slide;
    if (start <= time) windows.push([start, start + size]);
  }
  return windows;
}
