import { checkOptions, optionError } from 'millrace';
import type { SchemaReference } from '../client/registered-schema.ts';

/** Options of each format. */
export interface FormatOptions {
  /** Name of the record or message, with its namespace: `'com.shop.Order'`. Default: that of a given schema, else `'Value'`. */
  readonly name?: string;
  /**
   * Subject that is written under. `'TopicName'`: `<topic>-value`; `'RecordName'`: the name of the record; `'TopicRecordName'`:
   * `<topic>-<name>`; or a subject of yours by `{ subject }`. Default `'TopicName'`.
   */
  readonly subject?: SubjectStrategy;
  /**
   * What is done before the first record is written. `'auto'`: checked against the subject's policy and registered. `'check'`: checked;
   * it must be registered already. `'never'`: only looked up; it must be registered already. Default `'auto'`.
   */
  readonly register?: 'auto' | 'check' | 'never';
}

/** Options of formats with a schema of your own, which may refer to others. */
export interface SchemaFormatOptions extends FormatOptions {
  /** Schemas that the given one refers to. Default: none. */
  readonly references?: readonly SchemaReference[];
}

export type SubjectStrategy = 'TopicName' | 'RecordName' | 'TopicRecordName' | { readonly subject: string };

const STRATEGIES: readonly unknown[] = ['TopicName', 'RecordName', 'TopicRecordName'];
const REGISTER: readonly unknown[] = ['auto', 'check', 'never'];
const NAME = /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/;
const OPTIONS = ['name', 'subject', 'register', 'references'];

/** @throws MillraceError `OPTION_INVALID` */
export function checkFormatOptions(where: string, options: SchemaFormatOptions, others: readonly string[] = []): void {
  checkOptions(where, options, [...OPTIONS, ...others]);
  const { name, subject, register, references } = options;
  if (name !== undefined && (typeof name !== 'string' || !NAME.test(name)))
    throw optionError(`name of ${where}`, name, "a name such as 'com.shop.Order'");
  const isOwn = typeof subject === 'object' && typeof subject?.subject === 'string' && subject.subject !== '';
  if (subject !== undefined && !isOwn && !STRATEGIES.includes(subject))
    throw optionError(`subject of ${where}`, subject, "'TopicName', 'RecordName', 'TopicRecordName' or { subject }");
  if (register !== undefined && !REGISTER.includes(register))
    throw optionError(`register of ${where}`, register, "'auto', 'check' or 'never'");
  if (references !== undefined && !(Array.isArray(references) && references.every(isReference)))
    throw optionError(`references of ${where}`, references, 'a list of { name, subject, version }');
}

function isReference(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { name, subject, version } = value as Partial<Record<string, unknown>>; // each of them is looked at
  return typeof name === 'string' && typeof subject === 'string' && Number.isInteger(version);
}

/** The subject of a topic's values. */
export function subjectOf(strategy: SubjectStrategy, topic: string, recordName: string): string {
  if (typeof strategy === 'object') return strategy.subject;
  switch (strategy) {
    case 'TopicName':
      return `${topic}-value`;
    case 'RecordName':
      return recordName;
    case 'TopicRecordName':
      return `${topic}-${recordName}`;
    default:
      return strategy;
  }
}
