import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const FOLDERS = ['revenue', 'late', 'dead-letter'];

/** The part files of an output folder, as a reader sees them over time: a file that was seen neither changes nor goes. */
export class VisibleLines {
  private readonly output: string;
  private readonly seen = new Map<string, string>();

  constructor(output: string) {
    this.output = output;
  }

  /** What has gone wrong since the last look. */
  look(): string[] {
    const problems: string[] = [];
    const now = new Map<string, string>();
    for (const folder of FOLDERS) {
      const dir = path.join(this.output, folder);
      if (!existsSync(dir)) continue;
      for (const name of readdirSync(dir)) {
        const file = path.join(folder, name);
        if (name.startsWith('part-')) now.set(file, readFileSync(path.join(dir, name), 'latin1'));
      }
    }
    for (const [file, text] of this.seen) {
      if (!now.has(file)) problems.push(`${file} was visible and is gone`);
      else if (now.get(file) !== text) problems.push(`${file} was visible and has changed`);
    }
    for (const [file, text] of now) {
      if (!text.endsWith('\n')) problems.push(`${file} ends in the middle of a line`);
      this.seen.set(file, text);
    }
    return problems;
  }
}
