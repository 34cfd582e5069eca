/**
 * Where one state of the current key, or of the current key and window, is kept. What is stored is made of what the state
 * codec takes; `undefined` is never stored.
 */
export interface StateSlot {
  /** What is stored; `undefined`: nothing. To be read only. */
  get(): unknown;
  /** The same, to be changed in place. */
  edit(): unknown;
  put(stored: unknown): void;
  remove(): void;
}
