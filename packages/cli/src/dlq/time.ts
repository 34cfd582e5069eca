/** A time as it is written on the command line, epoch milliseconds; `undefined`: it is none. */
export function timeOf(text: string): number | undefined {
  if (/^\d{10,15}$/.test(text)) return Number(text);
  const [, date, time, zone] =
    /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?)(Z|[+-]\d\d:\d\d)?)?$/.exec(text) ?? [];
  if (date === undefined || !isDate(date)) return undefined;
  // Times are shown in UTC, so they are taken as UTC.
  const ms = Date.parse(`${date}T${time ?? '00:00'}${zone ?? 'Z'}`);
  return Number.isNaN(ms) ? undefined : ms;
}

/** A day that its month has: `Date.parse` takes the 30th of February for the 2nd of March. */
function isDate(date: string): boolean {
  const ms = Date.parse(date);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(date);
}

/** `2026-01-05 08:00:00`, in UTC; `-` for none. */
export function shownTime(ms: number | null): string {
  if (ms === null || Math.abs(ms) > 8.64e15) return '-';
  return new Date(ms)
    .toISOString()
    .replace('T', ' ')
    .replace(/(\.000)?Z$/, '');
}
