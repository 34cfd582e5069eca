/** JSON has no infinities: they are written as text. */
export type EncodedTime = number | 'min' | 'max';

export function encodeTime(time: number): EncodedTime {
  return time === Infinity ? 'max' : time === -Infinity ? 'min' : time;
}

export function decodeTime(time: EncodedTime): number {
  return time === 'max' ? Infinity : time === 'min' ? -Infinity : time;
}
