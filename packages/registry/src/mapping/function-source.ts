import { compileFunction } from 'node:vm';

/**
 * Source text of a converter under construction. It consists of text of ours, numbers, and names that are plain identifiers
 * (`checkFieldName`); everything else reaches the generated function as an argument.
 */
export class FunctionSource {
  private readonly lines: string[] = [];
  private readonly names: string[] = [];
  private readonly values: unknown[] = [];
  private variables = 0;

  variable(): string {
    return `v${++this.variables}`;
  }

  add(line: string): void {
    this.lines.push(line);
  }

  /** Makes a value known to the generated function; its name there. */
  use(value: unknown): string {
    const known = this.values.indexOf(value);
    if (known >= 0) return this.names[known] as string; // names and values are added together
    const name = `h${this.names.length}`;
    this.names.push(name);
    this.values.push(value);
    return name;
  }

  /** `(value) => result`. */
  compile<F>(result: string): F {
    const body = `'use strict';\nreturn function convert(value) {\n${this.lines.join('\n')}\nreturn ${result};\n};`;
    // The type of what the text above is: known to whoever wrote it.
    return (compileFunction(body, this.names) as (...values: unknown[]) => unknown)(...this.values) as F;
  }
}
