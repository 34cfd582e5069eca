/**
 * Source text of a decoder under construction. It consists of text of ours, numbers, and field names that are plain
 * identifiers; everything else reaches the generated function as an argument.
 */
export class DecoderSource {
  private readonly statements: string[] = [];
  private readonly helpers = new Map<string, unknown>();
  private variables = 0;
  private possible = true;

  /** A variable name that is not in use. */
  variable(): string {
    this.variables++;
    return `v${this.variables}`;
  }

  add(statement: string): void {
    this.statements.push(statement);
  }

  /** Leaves the fast path: the interpreted decoder decides, and words the error. */
  failIf(condition: string): void {
    this.statements.push(`if (${condition}) return slow(value, path);`);
  }

  /** Makes `helper` known to the generated function as `name`. */
  use(name: string, helper: unknown): string {
    this.helpers.set(name, helper);
    return name;
  }

  /** This schema cannot be turned into source; the interpreted decoder has to serve. */
  refuse(): void {
    this.possible = false;
  }

  get refused(): boolean {
    return !this.possible;
  }

  get helperNames(): string[] {
    return [...this.helpers.keys()];
  }

  get helperValues(): unknown[] {
    return [...this.helpers.values()];
  }

  /** A function body that returns the decoder `(value, path) => decoded`. */
  body(result: string): string {
    const lines = [
      "'use strict';",
      'return function decode(value, path) {',
      ...this.statements,
      `return ${result};`,
      '};',
    ];
    return lines.join('\n');
  }
}
