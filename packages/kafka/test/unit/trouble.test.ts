import { EventEmitter } from 'node:events';
import { MillraceError } from 'millrace';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Trouble } from '../../src/confluent/trouble.ts';
import { kafkaError } from '../../src/driver/kafka-error.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const REFUSED = 'Connect to ipv4#10.0.0.7:9092 failed: Connection refused (after 0ms in state CONNECT)';
const PASSWORD =
  'SASL authentication error: Authentication failed: Invalid username or password (after 301ms in state AUTH_REQ)';
const HUNG_UP = 'Disconnected: connection closed by peer: receive 0 after POLLIN (after 2ms in state APIVERSION_QUERY)';
const SASL = { 'security.protocol': 'sasl_plaintext', 'sasl.mechanism': 'PLAIN', 'sasl.username': 'alice' };

/** A client that says what it is told to. */
function talking(settings: Readonly<Record<string, unknown>> = {}) {
  const client = new EventEmitter();
  const trouble = new Trouble({ 'bootstrap.servers': 'b:9092', ...settings }).watch(client);
  const say = (text: string, fac: string = 'FAIL'): void =>
    void client.emit('event.log', { severity: 3, fac, message: `[thrd:b:9092/bootstrap]: b:9092/bootstrap: ${text}` });
  return { client, trouble, say };
}

/** What became of a promise, or that nothing has yet. */
function outcome(promise: Promise<unknown>): { value: unknown } {
  const seen: { value: unknown } = { value: 'pending' };
  promise.then(
    (value) => (seen.value = value),
    (error: unknown) => (seen.value = error),
  );
  return seen;
}

const never = (): Promise<never> => new Promise(() => undefined);

it('a call ends with the reason 3 s after credentials were refused, and not before', async () => {
  const { trouble, say } = talking(SASL);
  const seen = outcome(trouble.during(never()));
  await vi.advanceTimersByTimeAsync(1_000);
  say(PASSWORD);
  await vi.advanceTimersByTimeAsync(2_900);
  say(PASSWORD);
  expect(seen.value).toBe('pending');
  await vi.advanceTimersByTimeAsync(200);
  expect(seen.value).toBeInstanceOf(MillraceError);
  expect(seen.value).toMatchObject({
    message: expect.stringMatching(/connecting to b:9092 failed: SASL .*Correct the password of 'alice'/) as string,
    retryable: false,
  });
});

it('a user that is known a moment later is no failure', async () => {
  const { trouble, say } = talking(SASL);
  let answer = (_value: string): void => undefined;
  const seen = outcome(trouble.during(new Promise<string>((resolve) => (answer = resolve))));
  say(PASSWORD);
  await vi.advanceTimersByTimeAsync(2_000);
  answer('connected');
  await vi.advanceTimersByTimeAsync(10_000);
  expect(seen.value).toBe('connected');
  expect(trouble.lasts).toBe(false);
});

it('brokers that are not there are waited for; the reason is added to the time-out', async () => {
  const { trouble, say } = talking();
  let fail = (_error: Error): void => undefined;
  const seen = outcome(trouble.during(new Promise((_, reject) => (fail = reject))));
  say(REFUSED);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(seen.value).toBe('pending');
  fail(kafkaError('connecting the producer', { code: -195, message: 'broker transport failure' }));
  await vi.advanceTimersByTimeAsync(0);
  expect(seen.value).toMatchObject({
    message: expect.stringMatching(/Connection refused\. Is a broker running there/) as string,
    retryable: true,
  });
});

it('what a broker looks like that goes down in the middle of a greeting is forgotten when it is seen to be down', async () => {
  const { trouble, say } = talking();
  const seen = outcome(trouble.during(never()));
  say(HUNG_UP);
  await vi.advanceTimersByTimeAsync(100);
  say(REFUSED);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(seen.value).toBe('pending');
  say(HUNG_UP);
  await vi.advanceTimersByTimeAsync(3_100);
  expect(seen.value).toMatchObject({ message: expect.stringMatching(/speak TLS/) as string, retryable: true });
});

it('a connection that breaks hides no refusal', async () => {
  const { trouble, say } = talking(SASL);
  say(PASSWORD);
  say(REFUSED);
  await vi.advanceTimersByTimeAsync(3_100);
  expect(trouble.lasts).toBe(true);
});

it('a client that was connected tells of a refusal; the job may try again', async () => {
  const { trouble, say } = talking(SASL);
  const errors: MillraceError[] = [];
  await trouble.during(Promise.resolve());
  trouble.onRefused((error) => errors.push(error));
  say(REFUSED);
  await vi.advanceTimersByTimeAsync(0);
  expect(errors).toEqual([]);
  say(PASSWORD);
  await vi.advanceTimersByTimeAsync(0);
  expect(errors).toMatchObject([{ retryable: true, message: expect.stringContaining('alice') as string }]);
});

it('a token that cannot be had ends a client that begins, and none that is connected; other lines mean nothing', async () => {
  const { client, trouble, say } = talking({ 'security.protocol': 'sasl_ssl', 'sasl.mechanism': 'OAUTHBEARER' });
  client.emit('error', new Error('oauthbearer_token_refresh_cb: vault closed'));
  say(PASSWORD, 'CONFWARN');
  expect((await trouble.error()).message).toMatch(/security\.sasl\.token\(\) failed: vault closed/);
  trouble.passed();
  client.emit('error', new Error('oauthbearer_token_refresh_cb: vault closed'));
  expect((await trouble.error()).message).toMatch(/no broker has answered/);
});

it('a right that is lacking is named, and not tried for again', () => {
  const error = kafkaError('describing topic', { code: 29, message: 'Broker: Topic authorization failed' });
  expect(error).toMatchObject({ retryable: false, fields: { kafka: 29 } });
  expect(error.message).toMatch(/lacks READ or WRITE on the topic.*grant it/);
});

it('a coordinator is a broker, too: its role is not its address', async () => {
  const { client, trouble } = talking({ 'security.protocol': 'ssl' });
  const seen = outcome(trouble.during(never()));
  const text = 'SSL handshake failed: certificate verify failed (after 4ms in state SSL_HANDSHAKE)';
  const message = `[thrd:GroupCoordinator]: GroupCoordinator: 127.0.0.1:1: ${text}`;
  client.emit('event.log', { severity: 3, fac: 'FAIL', message });
  await vi.advanceTimersByTimeAsync(4_000);
  vi.useRealTimers();
  await vi.waitFor(() => expect(seen.value).toBeInstanceOf(MillraceError));
  expect(seen.value).toMatchObject({ message: expect.stringContaining('connecting to 127.0.0.1:1 failed') as string });
});

it('an address that is none does not hide what is wrong', async () => {
  const { client, trouble } = talking({ 'security.protocol': 'ssl' });
  const seen = outcome(trouble.during(never()));
  const text = 'SSL handshake failed: certificate verify failed (after 4ms in state SSL_HANDSHAKE)';
  client.emit('event.log', { severity: 3, fac: 'FAIL', message: `[thrd:nowhere]: nowhere: ${text}` });
  await vi.advanceTimersByTimeAsync(4_000);
  expect(seen.value).toMatchObject({ message: expect.stringContaining('certificate verify failed') as string });
});
