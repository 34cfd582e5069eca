import type { Disk } from './disk.ts';
import { OUT } from './protocol-steps.ts';

/** What readers of the output have seen: it may neither change nor go. */
export class PublishedFiles {
  private readonly disk: Disk;
  private readonly seen = new Map<string, string>();

  constructor(disk: Disk) {
    this.disk = disk;
  }

  /** A file has appeared. Returns what is wrong with that. */
  note(path: string): string | undefined {
    const text = this.textOf(path);
    const before = this.seen.get(path);
    this.seen.set(path, text);
    if (before !== undefined && before !== text) return `${path} changed after it was seen`;
    return text === '' || text.endsWith('\n') ? undefined : `${path} ends in the middle of a line`;
  }

  /** Names that were not durable yet may be gone until the job has published them again. */
  powerLost(): void {
    for (const path of this.seen.keys()) {
      if (this.disk.exists(path) && this.textOf(path) !== this.seen.get(path))
        this.seen.set(path, '(changed by power loss)');
    }
  }

  /** At the end everything that was seen is there. */
  vanished(): string[] {
    return [...this.seen].flatMap(([path, text]) => {
      if (!this.disk.exists(path)) return [`${path} was seen, and is gone`];
      return this.textOf(path) === text ? [] : [`${path} changed after it was seen`];
    });
  }

  /** All visible lines, by sink. */
  linesBySink(): Map<string, string[]> {
    const bySink = new Map<string, string[]>();
    if (!this.disk.exists(OUT)) return bySink;
    for (const sink of this.disk.list(OUT)) {
      const lines: string[] = [];
      for (const name of this.disk.list(`${OUT}/${sink}`)) {
        if (name.startsWith('part-')) lines.push(...this.textOf(`${OUT}/${sink}/${name}`).split('\n').slice(0, -1));
      }
      bySink.set(sink, lines);
    }
    return bySink;
  }

  private textOf(path: string): string {
    return new TextDecoder().decode(this.disk.file(path).bytes);
  }
}
