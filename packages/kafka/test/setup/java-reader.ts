import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A record as an independent reader prints it. */
export interface ReadRecord {
  readonly partition: number;
  readonly key: string;
  readonly value: string;
  readonly headers: string;
  readonly timestamp: number;
}

export type Isolation = 'read_committed' | 'read_uncommitted';

/** What can be handed from process to process. */
export interface JavaReaderParts {
  /** Class path of Kafka's own tools and of ReadTopic. */
  readonly classPath: string;
  /** Whether ReadTopic could be compiled: it needs a JDK. */
  readonly hasReader: boolean;
}

const JAVA = ['-Xmx128m', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'];
const SEPARATOR = '\u0001';
/** The console consumer ends when nothing has come for so long, milliseconds; a busy machine takes a while for the first record. */
const QUIET_MS = 20_000;

/** Reads topics by Kafka's own Java client, none of our code. */
export class JavaReader {
  readonly parts: JavaReaderParts;

  constructor(parts: JavaReaderParts) {
    this.parts = parts;
  }

  /**
   * Compiles the reader.
   *
   * @param tools class path of Kafka's own tools
   */
  static compile(tools: string): { readonly reader: JavaReader; readonly dispose: () => void } {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-kafka-reader-'));
    const dispose = (): void => rmSync(folder, { recursive: true, force: true });
    const source = fileURLToPath(new URL('ReadTopic.java', import.meta.url));
    const hasReader = spawnSync('javac', ['-cp', tools, '-d', folder, source]).status === 0;
    return { reader: new JavaReader({ classPath: `${folder}${delimiter}${tools}`, hasReader }), dispose };
  }

  /** All records of a topic. */
  read(at: string, topic: string, isolation: Isolation): ReadRecord[] {
    return this.parts.hasReader ? this.readToTheEnd(at, topic, isolation) : this.readUntilQuiet(at, topic, isolation);
  }

  /** Runs a program of the class path: what it prints. */
  run(args: readonly string[]): { readonly stdout: string; readonly stderr: string } {
    const all = [...JAVA, '-cp', this.parts.classPath, ...args];
    return spawnSync('java', all, { encoding: 'utf8', maxBuffer: 1 << 30 });
  }

  private readToTheEnd(at: string, topic: string, isolation: Isolation): ReadRecord[] {
    const { stdout, stderr } = this.run(['ReadTopic', at, topic, isolation]);
    const lines = stdout.split('\n');
    if (lines.at(-2) !== 'end') throw new Error(`${topic} cannot be read: ${stderr}`);
    return lines.slice(0, -2).map(recordOf);
  }

  /** The console consumer knows no end. */
  private readUntilQuiet(at: string, topic: string, isolation: Isolation): ReadRecord[] {
    const shown = ['key', 'value', 'partition', 'headers', 'timestamp'].map((what) => `print.${what}=true`);
    const { stdout, stderr } = this.run([
      ...['org.apache.kafka.tools.consumer.ConsoleConsumer', '--bootstrap-server', at, '--topic', topic],
      ...['--from-beginning', '--isolation-level', isolation, '--timeout-ms', String(QUIET_MS)],
      ...[...shown, `key.separator=${SEPARATOR}`].flatMap((property) => ['--formatter-property', property]),
    ]);
    const lines = stdout.split('\n').filter((line) => line.includes(SEPARATOR));
    if (lines.length === 0 && !/TimeoutException|Processed a total of 0/.test(stderr)) throw new Error(stderr);
    return lines.map(recordOf);
  }
}

function recordOf(line: string): ReadRecord {
  const [timestamp = '', partition = '', headers = '', key = '', value = ''] = line.split(SEPARATOR);
  return {
    partition: Number(partition.replace('Partition:', '')),
    key,
    value,
    headers,
    timestamp: Number(timestamp.replace(/^\w+:/, '')),
  };
}
