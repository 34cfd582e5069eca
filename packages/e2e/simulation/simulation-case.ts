import type { Dataflow, ErrorPolicy } from 'millrace';
import type { OutsideSystem } from 'millrace/testing';

/** A program with its input. */
export interface SimulationCase {
  readonly name: string;
  readonly flow: Dataflow;
  readonly onError: ErrorPolicy;
  readonly files: Readonly<Record<string, string>>;
  /** Kafka, for a program that talks to it. */
  readonly outside?: OutsideSystem;
}
