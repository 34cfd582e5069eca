/** One rule of a contract. Run it in whatever test framework: it throws where the rule is broken. */
export interface ContractCase {
  /** A sentence about behaviour. */
  readonly name: string;
  readonly run: () => Promise<void>;
}

/** Fails with `rule` unless it holds. */
export function requireThat(holds: boolean, rule: string): asserts holds {
  if (!holds) throw new Error(`contract broken: ${rule}`);
}

/** Fails unless both are the same by value; NaN is itself, -0 is not 0. */
export function requireSame(actual: unknown, expected: unknown, what: string): void {
  if (!sameValue(actual, expected)) {
    throw new Error(`contract broken: ${what}: expected ${shown(expected)}, got ${shown(actual)}`);
  }
}

/** Fails unless `act` throws an error with this code (any error if `undefined`). */
export function requireThrows(act: () => unknown, code: string | undefined, what: string): void {
  try {
    act();
  } catch (error) {
    if (code === undefined || (error as { code?: unknown }).code === code) return;
    throw new Error(`contract broken: ${what}: expected an error ${code}, got ${String(error)}`, { cause: error });
  }
  throw new Error(`contract broken: ${what}: expected an error${code === undefined ? '' : ` ${code}`}, got none`);
}

export function sameValue(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b) || a instanceof Uint8Array !== b instanceof Uint8Array) return false;
  const names = Object.keys(a);
  if (names.length !== Object.keys(b).length) return false;
  return names.every((name) => {
    const other: unknown = Object.getOwnPropertyDescriptor(b, name)?.value;
    return Object.hasOwn(b, name) && sameValue(Object.getOwnPropertyDescriptor(a, name)?.value, other);
  });
}

const SHOWN_MAX = 300;

function shown(value: unknown): string {
  const text = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value));
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}... (${text.length} characters)` : text;
}
