/** How far event time has come somewhere. */
export interface EventTime {
  readonly watermark: number;
  readonly idle: boolean;
}

/**
 * What a source makes of the combined time of its partitions, when it stands at `output`; `undefined`: nothing changes.
 * A source that was idle is active again only together with a higher watermark (R30).
 */
export function nextSourceTime(combined: EventTime, output: EventTime): EventTime | undefined {
  if (combined.watermark > output.watermark) return combined;
  return combined.idle && !output.idle ? { watermark: output.watermark, idle: true } : undefined;
}
