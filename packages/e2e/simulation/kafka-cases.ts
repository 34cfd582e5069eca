import {
  count,
  dataflow,
  memory,
  memorySink,
  session,
  sideOutput,
  sum,
  tumbling,
  type Dataflow,
  type DeadLetterPolicy,
  type Random,
} from 'millrace';
import { kafka } from '../../kafka/src/index.ts';
import { simulatedKafka, type Refusal } from '../../kafka/src/testing.ts';
import { kafkaInput, type InputTopic } from './kafka-input.ts';
import { readings, watermarks, type Reading } from './readings.ts';
import type { SimulationCase } from './simulation-case.ts';

const decoder = new TextDecoder();
const ANY = memorySink<unknown>();
const json = kafka.json<Reading>();
const keyOf = (row: { readonly key: string }): string => row.key;

const BUILDERS: readonly ((random: Random, records: number) => SimulationCase)[] = [
  windowsCase,
  copyCase,
  sessionsCase,
  fileBesideCase,
  fromMemoryCase,
];

/** The n-th program on Kafka, with at least `records` records of input. */
export function kafkaCaseOf(n: number, random: Random, records: number): SimulationCase {
  return (BUILDERS[n % BUILDERS.length] as (typeof BUILDERS)[number])(random, records);
}

/** A topic that does not take every record. */
interface RefusingTopic {
  readonly partitions: number;
  readonly refusal: Refusal;
}

function onKafka(
  name: string,
  flow: Dataflow,
  inputs: readonly InputTopic[],
  outputs: Readonly<Record<string, number | RefusingTopic>>,
  dead?: DeadLetterPolicy,
): SimulationCase {
  const job = flow.graph().name;
  const outside = simulatedKafka({
    job,
    inputs: inputs.map(({ topic }) => topic),
    setUp(cluster, world) {
      for (const input of inputs) input.write(cluster, world);
      for (const [topic, output] of Object.entries(outputs)) {
        if (typeof output === 'number') cluster.createTopic(topic, output);
        else cluster.createTopic(topic, output.partitions, output.refusal);
      }
    },
    ...(inputs.length === 0 ? {} : { writeMore: (cluster) => inputs.forEach((input) => input.writeMore(cluster)) }),
  });
  return { name: `Kafka: ${name}`, flow, onError: dead ?? 'fail', files: {}, outside };
}

/** What cannot be decoded and what fails goes to one topic, late records to another. */
function windowsCase(random: Random, records: number): SimulationCase {
  const input = kafkaInput('readings', random, records, { malformed: true });
  const dead = kafka.deadLetters();
  const late = sideOutput<Reading>('late');
  const flow = dataflow('windows');
  const rows = flow
    .from('readings', kafka.topic('readings', { until: 'end', format: json, onError: dead }), { watermarks })
    .map((reading) => {
      if (reading.value === 13) throw new Error(`unlucky ${reading.id}`);
      return reading;
    })
    .keyBy(keyOf)
    .window(tumbling('1s'))
    .lateTo(late)
    .aggregate({ n: count(), sum: sum((reading) => reading.value) });
  rows.to('results', kafka.sink('results', { key: keyOf }));
  rows.side(late).to('late', kafka.sink<Reading>('late', { key: keyOf, headers: ({ id }) => ({ id: String(id) }) }));
  return onKafka('windows, late records and dead letters', flow, [input], { results: 2, late: 1 }, dead);
}

/** INVALID_RECORD for some readings. */
function refusesSome({ value }: Parameters<Refusal>[0]): number {
  return value !== null && /"value":\d*7[,}]/.test(decoder.decode(value)) && /"id":\d*3,/.test(decoder.decode(value))
    ? 87
    : 0;
}

/** No state at all: as many records out as in, but for those that cannot be written. */
function copyCase(random: Random, records: number): SimulationCase {
  const input = kafkaInput('readings', random, records);
  const dead = kafka.deadLetters({ topic: 'poison' });
  const key = (reading: Reading): string => {
    if (reading.value % 25 === 13) throw new Error(`poison ${reading.id}`);
    return reading.key;
  };
  const flow = dataflow('copies');
  flow
    .from('readings', kafka.topic('readings', { until: 'end', format: json }))
    .map((reading) => ({ ...reading, seen: true }))
    .to('copies', kafka.sink('copies', { key }));
  return onKafka('copies', flow, [input], { copies: { partitions: 3, refusal: refusesSome } }, dead);
}

/** Two topics by one pattern. */
function sessionsCase(random: Random, records: number): SimulationCase {
  const half = Math.ceil(records / 2);
  const inputs = ['readings.a', 'readings.b'].map((topic) => kafkaInput(topic, random, half));
  const flow = dataflow('sessions');
  flow
    .from('readings', kafka.topic(/^readings\./, { until: 'end', format: json }), { watermarks })
    .keyBy(keyOf)
    .window(session('400ms'))
    .reduce((a, b) => ({ ...a, value: a.value + b.value }))
    .to('results', kafka.sink('results', { key: keyOf }));
  return onKafka('sessions over two topics', flow, inputs, { results: 2 });
}

/** Files and topics are committed together. */
function fileBesideCase(random: Random, records: number): SimulationCase {
  const input = kafkaInput('readings', random, records);
  const flow = dataflow('beside');
  const rows = flow
    .from('readings', kafka.topic('readings', { until: 'end', format: json }), { watermarks })
    .keyBy(keyOf)
    .window(tumbling('2s'))
    .aggregate({ n: count(), sum: sum((reading) => reading.value) });
  rows.to('topic', kafka.sink('results', { key: keyOf }));
  rows.to('file', ANY);
  return onKafka('a file beside the topic', flow, [input], { results: 1 });
}

/** Without a Kafka source the marker stands on a topic of the sink's. */
function fromMemoryCase(random: Random, records: number): SimulationCase {
  const flow = dataflow('fromMemory');
  flow
    .from('readings', memory(readings(random, records)), { watermarks })
    .keyBy(keyOf)
    .dedupe({ by: (reading) => Math.floor(reading.id / 2), within: '3s' })
    .keyBy(keyOf)
    .aggregate({ n: count(), sum: sum((reading) => reading.value) })
    .to('totals', kafka.sink('totals', { key: keyOf }));
  return onKafka('a sink without Kafka source', flow, [], { totals: 2 });
}
