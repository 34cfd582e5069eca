/** Longest text of a value in a message, in UTF-16 units: enough to recognise it, short enough for one line of a log. */
const SHOWN_MAX = 80;
const DEPTH_MAX = 4;

// Characters that JSON leaves as they are but that hide or reorder the text around them: controls, line separators,
// direction marks, zero-width characters, the byte order mark.
const INVISIBLE = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** Any value as one short line. Never throws, whatever the value is, and takes time in proportion to what it shows. */
export function showValue(value: unknown): string {
  try {
    return shorten(render(value, 0));
  } catch {
    return 'a value that cannot be shown';
  }
}

/** `text` on one line, without invisible characters, of at most `max` UTF-16 units. */
export function shorten(text: string, max: number = SHOWN_MAX): string {
  const visible = text.slice(0, max + 1).replace(INVISIBLE, escape);
  if (visible.length <= max) return visible;
  const cut = visible.slice(0, max - 1);
  return `${/[\ud800-\udbff]$/.test(cut) ? cut.slice(0, -1) : cut}…`;
}

function escape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function render(value: unknown, depth: number): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, SHOWN_MAX));
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object' || value === null) return Object.is(value, -0) ? '-0' : String(value);
  if (Array.isArray(value)) return depth === DEPTH_MAX ? '[…]' : renderArray(value, depth);
  return depth === DEPTH_MAX ? '{…}' : renderObject(value, depth);
}

function renderArray(array: readonly unknown[], depth: number): string {
  let text = '[';
  for (let i = 0; i < array.length && text.length <= SHOWN_MAX; i++) {
    text += (i === 0 ? '' : ',') + render(array[i], depth + 1);
  }
  return `${text}]`;
}

function renderObject(object: object, depth: number): string {
  let text = '{';
  for (const name in object) {
    if (text.length > SHOWN_MAX) break;
    if (!Object.hasOwn(object, name)) continue;
    // Read by name once: any object, its properties unknown.
    const shown = render((object as Record<string, unknown>)[name], depth + 1);
    text += `${text === '{' ? '' : ','}${JSON.stringify(name.slice(0, SHOWN_MAX))}:${shown}`;
  }
  return `${text}}`;
}
