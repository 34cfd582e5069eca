import { daysInMonth, epochMsOfDay } from './civil-time.ts';

const MINUTE_MS = 60_000;

// Character codes.
const ZERO = 48;
const DASH = 45;
const PLUS = 43;
const POINT = 46;
const COLON = 58;
const T = 84;
const Z = 90;

/**
 * Epoch milliseconds of `YYYY-MM-DDTHH:MM:SS[.f|.ff|.fff](Z or +-HH:MM)`; `NaN` for any other text. Years 0000 to 9999,
 * real dates only, no leap seconds, no 24:00. Written out by hand because `Date.parse` takes far more ('1', 'Order 5').
 */
export function parseTimestamp(text: string): number {
  const length = text.length;
  if (length < 20 || length > 29) return NaN;
  if (text.charCodeAt(4) !== DASH || text.charCodeAt(7) !== DASH || text.charCodeAt(10) !== T) return NaN;
  if (text.charCodeAt(13) !== COLON || text.charCodeAt(16) !== COLON) return NaN;
  const century = twoDigits(text, 0);
  const yearOfCentury = twoDigits(text, 2);
  const month = twoDigits(text, 5);
  const day = twoDigits(text, 8);
  const hour = twoDigits(text, 11);
  const minute = twoDigits(text, 14);
  const second = twoDigits(text, 17);
  if (century < 0 || yearOfCentury < 0 || month < 1 || month > 12 || day < 1) return NaN;
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) return NaN;
  const year = century * 100 + yearOfCentury;
  if (day > daysInMonth(year, month)) return NaN;

  let at = 19;
  let fractionMs = 0;
  if (text.charCodeAt(at) === POINT) {
    at++;
    let weight = 100;
    for (; weight >= 1 && isDigit(text.charCodeAt(at)); at++) {
      fractionMs += (text.charCodeAt(at) - ZERO) * weight;
      weight = weight === 1 ? 0 : weight / 10;
    }
    if (weight === 100) return NaN;
  }
  const localMs = epochMsOfDay(year, month, day) + (hour * 60 + minute) * MINUTE_MS + second * 1000 + fractionMs;
  return localMs - offsetMs(text, at);
}

/** The zone that begins at `at` and must end the text, in ms east of Greenwich; `NaN` if it is none. */
function offsetMs(text: string, at: number): number {
  const sign = text.charCodeAt(at);
  if (sign === Z) return text.length === at + 1 ? 0 : NaN;
  if ((sign !== PLUS && sign !== DASH) || text.length !== at + 6 || text.charCodeAt(at + 3) !== COLON) return NaN;
  const hours = twoDigits(text, at + 1);
  const minutes = twoDigits(text, at + 4);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return NaN;
  const ms = (hours * 60 + minutes) * MINUTE_MS;
  return sign === PLUS ? ms : -ms;
}

function isDigit(code: number): boolean {
  return code >= ZERO && code <= ZERO + 9;
}

/** The number of the two digits at `at`, or -1. */
function twoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at) - ZERO;
  const ones = text.charCodeAt(at + 1) - ZERO;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : -1;
}
