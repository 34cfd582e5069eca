/** Where a command writes to, a line at a time: results, and what is said about them. */
export interface Io {
  out(line: string): void;
  say(line: string): void;
}
